"""`cdktf` as a user calls it, signed in to nothing or to an account that no environment lives in."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from cli.deploy import cdktf
from glue_jobs.aws import forget_clients
from lakehouse.environments import Environment, load_environment, names
from lakehouse.environments.names import Zone
from local_aws.local_platform import LocalPlatform
from tests.buckets import create_bucket
from tests.cli.calls import Answer


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """An environment with an empty artifacts bucket."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        # Clients are kept per region, so one of this test's own is made inside the mock.
        env = load_environment("dev").model_copy(update={"region": "eu-north-1"})
        forget_clients()
        create_bucket(env, names.bucket(env, Zone.ARTIFACTS))
        yield env
        forget_clients()


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """`cdktf …` as a shell would call it."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")

    def run(*arguments: str, prog: str = "cdktf") -> Answer:
        monkeypatch.setattr(sys, "argv", [prog, *arguments])
        code = 0
        try:
            cdktf.main()
        except SystemExit as end:
            code = int(end.code or 0)
        answer = capfd.readouterr()
        return Answer(code, answer.out, answer.err)

    return run


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user who is not signed in anywhere."""
    forget_clients()
    for name in [n for n in os.environ if n.startswith("AWS_") and n != "AWS_CA_BUNDLE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    """An empty embedded AWS. Its STS answers with account 123456789012."""
    platform = LocalPlatform.start(
        load_environment("local"), tmp_path_factory.mktemp("bare"), only=("aws",), empty_account=True
    )
    yield platform
    platform.stop()


@pytest.fixture
def other_account(account: LocalPlatform, no_keys: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Signed in to an account that is none of dev, staging and prod. Every request to AWS goes to it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    endpoint = f"http://127.0.0.1:{account.ports['aws']}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    forget_clients()
    return endpoint
