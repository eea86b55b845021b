"""`cdktf` and `lakehouse deploy` refuse what is wrong before anything is touched, and say why in one line."""

from __future__ import annotations

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
from cli.deploy.terraform_runner import _failure
from infra.terraform import mirror
from infra.terraform.error import ToolError
from infra.terraform.program import terraform
from lakehouse.environments import load_environment, names
from lakehouse.project import Project, project_root
from local_aws.local_platform import LocalPlatform
from tests.cli.calls import Answer, Call

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
    places_clients_forget()
    return endpoint


def places_clients_forget() -> None:
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
        found.err
        == "environments: LK110 unknown environment 'prd'; wanted one of local, dev, staging, prod; did you mean 'prod'?\n"
    )


@pytest.mark.parametrize("arguments", STEPS, ids=lambda a: a[0])
def test_missing_credentials_are_one_clear_line(call: Call, no_keys: None, arguments: list[str]) -> None:
    places_clients_forget()
    found = call(*arguments, "--env", "prod")
    assert (found.code, found.out) == (1, "")
    (line,) = found.err.splitlines()
    assert line.startswith("RUN501 no usable AWS credentials (")
    assert "environment 'prod' lives in account 000000000003: set AWS_PROFILE, or sign in" in line


def test_a_profile_that_does_not_exist_is_one_clear_line(
    call: Call, no_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    places_clients_forget()
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
        f"RUN502 environment '{env}' lives in account {account}, but these credentials (arn:aws:sts::123456789012:"
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


@pytest.mark.parametrize("answer", ["n\n", ""], ids=["no", "nobody there"])
def test_prod_shows_account_region_and_changes_and_touches_nothing_unless_told_yes(
    call: Call, other_account: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str
) -> None:
    """The programs that would deploy are stood in for by ones that write down how they were called."""
    import io

    prod = load_environment("prod").model_copy(update={"account": "123456789012"})
    calls = tmp_path / "calls"
    recorder = tmp_path / "recorder"
    recorder.write_text(f'#!/bin/sh\necho "$@" >> {calls}\necho "Plan: 3 to add"\n')
    recorder.chmod(0o755)
    monkeypatch.setattr("cli.deploy.terraform_runner.cdktf_cli", lambda _cache: [str(recorder)])
    monkeypatch.setattr("cli.deploy.terraform_runner.terraform", lambda: recorder)
    monkeypatch.setattr(cdktf, "ready", lambda _name: (prod, tmp_path / "stacks" / "lakehouse-prod"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    found = call("deploy", "--env", "prod")
    assert found.code == 1
    assert "environment prod, account 123456789012, region eu-central-1" in found.out
    assert "Plan: 3 to add" in found.out
    assert [line.split()[0] for line in calls.read_text().splitlines()] == ["diff"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert call("deploy", "--env", "prod").code == 0
    assert [line.split()[0] for line in calls.read_text().splitlines()] == ["diff", "diff", "deploy"]
    assert call("deploy", "--env", "prod", "--auto-approve").code == 0
    assert [line.split()[0] for line in calls.read_text().splitlines()] == [
        "diff",
        "diff",
        "deploy",
        "deploy",
    ]


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


def test_synth_needs_no_credentials_no_network_no_terraform_and_no_node_package(
    call: Call, no_keys: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "no-such-terraform")
    monkeypatch.setattr("cli.deploy.terraform_runner.OUT", tmp_path)
    monkeypatch.setattr("cli.deploy.terraform_runner.CACHE", tmp_path / "cache")
    found = call("synth", "--env", "dev")
    assert (found.code, found.err) == (0, "")
    document = json.loads((Path(found.out.strip()) / "cdk.tf.json").read_text())
    assert document["terraform"]["backend"]["s3"]["bucket"] == "lakehouse-dev-state-000000000001"
    assert not (tmp_path / "cache").exists()


def test_terraform_that_is_missing_or_too_old_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "no-such-terraform")
    with pytest.raises(
        ToolError, match=r"RUN503 .no-such-terraform. is not on the PATH; wanted Terraform 1\.11"
    ):
        terraform()
    old = tmp_path / "terraform"
    old.write_text('#!/bin/sh\necho \'{"terraform_version": "1.5.7"}\'\n')
    old.chmod(0o755)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(old))
    with pytest.raises(ToolError, match=r"RUN503 .* is version 1\.5\.7"):
        terraform()


@pytest.mark.parametrize("depth", ["", "mirrors/", "a/b/"])
def test_a_mirror_of_providers_is_found_and_told_to_terraform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: str
) -> None:
    program = (
        tmp_path
        / depth
        / "registry.terraform.io/hashicorp/aws/5.100.0"
        / mirror._here()
        / "terraform-provider-aws_v5.100.0_x5"
    )
    program.parent.mkdir(parents=True)
    program.touch()
    assert mirror.find_mirror([str(tmp_path / "nothing"), str(tmp_path)]) == (tmp_path / depth).resolve()
    monkeypatch.setattr(mirror, "_FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(mirror, "find_mirror", lambda: tmp_path)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "none.rc"))
    variables, mirrored = mirror.configured(tmp_path / "cache")
    assert mirrored
    assert f'filesystem_mirror {{ path = "{tmp_path}" }}' in Path(variables["TF_CLI_CONFIG_FILE"]).read_text()


def test_without_a_mirror_the_registry_is_used_and_its_answer_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "find_mirror", lambda: None)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "none.rc"))
    variables, mirrored = mirror.configured(tmp_path / "cache")
    assert not mirrored
    assert (
        Path(variables["TF_CLI_CONFIG_FILE"]).read_text()
        == f'plugin_cache_dir = "{tmp_path / "cache" / "plugins"}"\n'
    )


def test_a_configuration_of_the_users_own_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.rc"
    own.write_text('provider_installation { network_mirror { url = "https://mirror.example/" } }\n')
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    assert mirror.configured(tmp_path / "cache") == ({}, False)


def test_a_lock_that_a_killed_deploy_left_is_said_with_the_command_that_releases_it() -> None:
    said = "Error: Error acquiring the state lock\n\nLock Info:\n  ID:        3f2b1c9e-1111-2222-3333-444455556666\n  Who: me\n"
    error = _failure("cdktf deploy", load_environment("prod"), said, quiet=False)
    assert error.code == "RUN506"
    assert "`cdktf unlock --env prod 3f2b1c9e-1111-2222-3333-444455556666`" in str(error)


def test_the_real_cli_is_pinned_to_the_last_package() -> None:
    lock = json.loads((project_root() / "infra/cli/package-lock.json").read_text())["packages"]
    assert lock["node_modules/cdktf-cli"]["version"] == "0.21.0"
    assert [
        name
        for name, package in lock.items()
        if name and not package.get("integrity") and not package.get("inBundle")
    ] == []
    assert [name for name, package in lock.items() if "resolved" in package] == [], (
        "a registry of one machine"
    )


def test_nothing_phones_home() -> None:
    settings = json.loads((project_root() / "cdktf.json").read_text())
    assert settings["sendCrashReports"] == "false"
    assert (settings["language"], settings["app"], settings["output"]) == (
        "python",
        "python -m infra.app",
        "cdktf.out",
    )


def test_help_names_every_environment(call: Call) -> None:
    assert {c.name for c in cdktf_app.registered_commands} >= set(VERBS)
    for verb in VERBS:
        assert "local, dev, staging, prod" in " ".join(call(verb, "--help").out.replace("│", " ").split())


def test_what_exists_already_is_named_with_the_command_that_takes_it_over() -> None:
    said = """
lakehouse-prod  Error: creating IAM Role (lakehouse-prod-job-x): operation error IAM: CreateRole, https response error StatusCode: 409, EntityAlreadyExists: Role with
                name lakehouse-prod-job-x already exists.

                           with aws_iam_role.role_job_x (role_job_x),
                           on cdk.tf.json line 7736, in resource.aws_iam_role.role_job_x (role_job_x):
"""
    error = _failure("cdktf deploy", load_environment("prod"), said, quiet=False)
    assert str(error).startswith("RUN511 cdktf deploy: aws_iam_role.role_job_x exists")
    assert "`cdktf adopt --env prod aws_iam_role.role_job_x`" in str(error)
