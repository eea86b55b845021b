"""`cdktf` and `lakehouse deploy` refuse what is wrong before anything is touched, and say why in one line."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cli.deploy import cdktf, deploy_target
from cli.deploy.cdktf import app as cdktf_app
from lakehouse.environments import load_environment, names
from lakehouse.project import Project, project_root
from local_aws.local_platform import LocalPlatform
from tests.cli.calls import Answer, Call
from tests.cli.deploy.fake_terraform import FakeTerraform

NAMES = tuple(Project.find().settings.environments)

VERBS = ("synth", "diff", "deploy", "destroy")
STEPS = (["deploy"], ["diff"], ["destroy"])


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """`cdktf …` as a shell would call it."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")

    def called(*arguments: str, prog: str = "cdktf") -> Answer:
        monkeypatch.setattr(sys, "argv", [prog, *arguments])
        code = 0
        try:
            cdktf.main()
        except SystemExit as end:
            code = int(end.code or 0)
        found = capfd.readouterr()
        return Answer(code, found.out, found.err)

    return called


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user who is not signed in anywhere."""
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
    """Signed in to an account that is none of dev, staging and prod. What is asked of AWS is asked of it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    endpoint = f"http://127.0.0.1:{account.ports['aws']}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    forget_clients()
    return endpoint


def forget_clients() -> None:
    """Clients are kept by environment; another endpoint wants new ones."""
    from glue_jobs import aws

    aws._clients.cache_clear()


@pytest.mark.parametrize("verb", VERBS)
def test_no_environment_is_refused_with_the_list(call: Call, verb: str) -> None:
    found = call(verb)
    assert found.code == 2
    assert f"--env is missing; the environments are {', '.join(NAMES)}" in " ".join(
        found.err.replace("│", " ").split()
    )


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_environment_is_refused_with_the_nearest(call: Call, verb: str) -> None:
    found = call(verb, "--env", "prd")
    assert found.code == 2
    assert (
        found.err == "environments: LK110 unknown environment 'prd'; "
        "wanted one of local, dev, staging, prod; did you mean 'prod'?\n"
    )


@pytest.mark.parametrize("arguments", STEPS, ids=lambda a: a[0])
def test_missing_credentials_are_one_clear_line(call: Call, no_keys: None, arguments: list[str]) -> None:
    forget_clients()
    found = call(*arguments, "--env", "prod")
    assert (found.code, found.out) == (1, "")
    (line,) = found.err.splitlines()
    assert line.startswith("RUN501 no usable AWS credentials (")
    assert "environment 'prod' lives in account 000000000003: set AWS_PROFILE, or sign in" in line


def test_a_profile_that_does_not_exist_is_one_clear_line(
    call: Call, no_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    forget_clients()
    found = call("deploy", "--env", "dev")
    assert (found.code, len(found.err.splitlines())) == (1, 1)
    assert found.err.startswith(
        "RUN501 no usable AWS credentials (The config profile (nobody) could not be found)"
    )


@pytest.mark.parametrize("env", ["dev", "staging", "prod"])
@pytest.mark.parametrize("arguments", [*STEPS, ["deploy", "--auto-approve"]], ids=" ".join)
def test_another_account_is_refused_before_anything_is_touched(
    call: Call, other_account: str, arguments: list[str], env: str
) -> None:
    found = call(*arguments, "--env", env)
    assert (found.code, found.out) == (1, "")
    account = load_environment(env).account
    assert found.err.startswith(
        f"RUN502 environment '{env}' lives in account {account}, "
        "but these credentials (arn:aws:sts::123456789012:"
    )
    assert found.err.endswith("open account 123456789012; nothing was touched\n")
    assert boto3.client("s3", config=Config(proxies={})).list_buckets()["Buckets"] == []


def test_without_a_bucket_for_the_state_the_command_that_makes_it_is_named(
    call: Call, other_account: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prod = load_environment("prod").model_copy(update={"account": "123456789012"})
    monkeypatch.setattr(deploy_target, "load_environment", lambda _name: prod)
    found = call("deploy", "--env", "prod")
    assert found.code == 1
    assert (
        "RUN505 the bucket of Terraform's state, lakehouse-prod-state-123456789012, does not exist"
        in found.err
    )
    assert "`lakehouse bootstrap --env prod`" in found.err


def test_the_bucket_of_the_state_is_versioned_encrypted_private_and_made_once(
    lakehouse: Call, other_account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dev = load_environment("dev").model_copy(update={"account": "123456789012"})
    monkeypatch.setattr(deploy_target, "load_environment", lambda _name: dev)
    bucket = names.state_bucket(dev)
    assert (
        lakehouse("bootstrap", "--env", "dev").out
        == f"{bucket} made: versioned, encrypted, private, TLS only\n"
    )
    assert (
        lakehouse("bootstrap", "--env", "dev").out
        == f"{bucket} was there: versioned, encrypted, private, TLS only\n"
    )
    s3: Any = boto3.client("s3", config=Config(proxies={}))
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
    s3.delete_bucket(Bucket=bucket)


def test_bootstrap_refuses_another_account(lakehouse: Call, other_account: str) -> None:
    found = lakehouse("bootstrap", "--env", "prod")
    assert (found.code, found.out) == (1, "")
    assert found.err.startswith("RUN502 environment 'prod' lives in account 000000000003")


@pytest.mark.parametrize("answer", ["n\n", ""], ids=["no", "no answer"])
def test_prod_shows_account_region_and_changes_and_applies_them_only_after_yes(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str
) -> None:
    """A script writes down how Terraform was called."""
    prod = load_environment("prod").model_copy(update={"account": "123456789012"})
    terraform = FakeTerraform.install(tmp_path, monkeypatch, "echo 'Plan: 3 to add'")
    monkeypatch.setattr(cdktf, "prepared", lambda _name: (prod, terraform.stack))
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    shown = call("deploy", "--env", "prod")
    assert shown.code == 1
    assert "environment prod, account 123456789012, region eu-central-1" in shown.out
    assert "Plan: 3 to add" in shown.out
    assert shown.out.endswith("nothing was changed\n") == bool(answer)
    assert terraform.verbs() == ["init", "plan"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert call("deploy", "--env", "prod").code == 0
    assert terraform.verbs() == ["init", "plan", "init", "apply"]
    plan, apply = terraform.calls[1], terraform.calls[3]
    # What is applied is the very plan that was shown.
    (saved,) = [word.removeprefix("-out=") for word in plan if word.startswith("-out=")]
    assert apply[-1] == saved
    assert call("deploy", "--env", "prod", "--auto-approve").code == 0
    assert terraform.verbs() == ["init", "apply"]


def test_a_world_that_was_filled_by_hand_is_not_deployed_to(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = LocalPlatform.start(load_environment("local"), tmp_path, only=("aws",))
    try:
        monkeypatch.setenv("LAKEHOUSE_OVERLAY", str(platform.overlay))
        found = call("deploy", "--env", "local")
        assert (found.code, found.out) == (1, "")
        assert found.err.startswith("RUN507 the local platform that is up was filled by `lakehouse local up`")
    finally:
        platform.stop()


def test_synth_needs_no_credentials_no_network_and_no_terraform(
    call: Call, no_keys: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "no-such-terraform")
    monkeypatch.setattr(Project, "synthesized", tmp_path)
    monkeypatch.setattr(Project, "cache", tmp_path / "cache")
    found = call("synth", "--env", "dev")
    assert (found.code, found.err) == (0, "")
    document = json.loads((Path(found.out.strip()) / "cdk.tf.json").read_text())
    assert document["terraform"]["backend"]["s3"]["bucket"] == "lakehouse-dev-state-000000000001"
    assert not (tmp_path / "cache").exists()


def test_nothing_phones_home() -> None:
    settings = json.loads((project_root() / "cdktf.json").read_text())
    assert settings["sendCrashReports"] == "false"
    assert (settings["language"], settings["app"], settings["output"]) == (
        "python",
        "python -m infra.app",
        "cdktf.out",
    )


def test_help_says_where_the_environments_are_named(call: Call) -> None:
    assert {c.name for c in cdktf_app.registered_commands} >= set(VERBS)
    for verb in VERBS:
        shown = " ".join(call(verb, "--help").out.replace("│", " ").split())
        assert "The environment to deploy, as lakehouse.yml names it. There is no default." in shown
