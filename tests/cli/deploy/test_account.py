"""Credentials that are missing, or open another account, end every command before anything is touched."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config

from cli.deploy.account import check_deployer
from glue_jobs.errors import RunError
from lakehouse.environments import load_environment
from tests.cli.calls import Call

STEPS = (["deploy"], ["diff"], ["destroy"])


@pytest.mark.parametrize("arguments", STEPS, ids=lambda a: a[0])
def test_missing_credentials_are_one_clear_line(call: Call, no_keys: None, arguments: list[str]) -> None:
    answer = call(*arguments, "--env", "prod")
    assert (answer.code, answer.out) == (2, "")
    (line,) = answer.err.splitlines()
    assert line.startswith("RUN501 no usable AWS credentials (")
    assert "environment 'prod' lives in account 000000000003: set AWS_PROFILE, or sign in" in line


def test_a_profile_that_does_not_exist_is_one_clear_line(
    call: Call, no_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "unknown")
    answer = call("deploy", "--env", "dev")
    assert (answer.code, len(answer.err.splitlines())) == (2, 1)
    assert answer.err.startswith(
        "RUN501 no usable AWS credentials (The config profile (unknown) could not be found)"
    )


@pytest.mark.parametrize("env", ["dev", "staging", "prod"])
@pytest.mark.parametrize("arguments", [*STEPS, ["deploy", "--auto-approve"]], ids=" ".join)
def test_another_account_is_refused_before_anything_is_touched(
    call: Call, other_account: str, arguments: list[str], env: str
) -> None:
    answer = call(*arguments, "--env", env)
    assert (answer.code, answer.out) == (2, "")
    account = load_environment(env).account
    assert answer.err.startswith(
        f"RUN502 environment '{env}' lives in account {account}, "
        "but these credentials (arn:aws:sts::123456789012:"
    )
    assert answer.err.endswith("open account 123456789012; nothing was touched\n")
    assert boto3.client("s3", config=Config(proxies={})).list_buckets()["Buckets"] == []


@pytest.mark.parametrize(
    ("caller", "accepted"),
    [
        ("arn:aws:sts::000000000001:assumed-role/lakehouse-deployer/apply-dev-1", True),
        ("arn:aws:sts::000000000001:assumed-role/lakehouse-deployer2/apply", False),
        ("arn:aws:sts::000000000001:assumed-role/Admin/lakehouse-deployer", False),
        ("arn:aws:iam::000000000001:user/lakehouse-deployer", False),
        ("arn:aws:iam::000000000001:root", False),
    ],
)
def test_only_the_deployers_role_deploys(caller: str, accepted: bool) -> None:
    env = load_environment("dev")
    if accepted:
        check_deployer(env, caller)
        return
    with pytest.raises(RunError, match=r"RUN532 .*'lakehouse-deployer'"):
        check_deployer(env, caller)


def test_whoever_calls_an_embedded_aws_deploys_there() -> None:
    check_deployer(load_environment("local"), "arn:aws:sts::123456789012:user/moto")
