"""The bucket of Terraform's state is made by `lakehouse bootstrap`, and required by every deploy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cli.deploy import deploy_target
from lakehouse.environments import load_environment, names
from tests.cli.calls import Call


def test_without_a_bucket_for_the_state_the_command_that_makes_it_is_named(
    call: Call, other_account: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prod = load_environment("prod").model_copy(update={"account": "123456789012"})
    monkeypatch.setattr(deploy_target, "load_environment", lambda _name: prod)
    answer = call("deploy", "--env", "prod")
    assert answer.code == 1
    assert (
        "RUN505 the bucket of Terraform's state, lakehouse-prod-state-123456789012, does not exist"
        in answer.err
    )
    assert "`lakehouse bootstrap --env prod`" in answer.err


def test_the_bucket_of_the_state_is_versioned_encrypted_private_and_made_once(
    lakehouse: Call, other_account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dev = load_environment("dev").model_copy(update={"account": "123456789012"})
    monkeypatch.setattr(deploy_target, "load_environment", lambda _name: dev)
    bucket = names.state_bucket(dev)
    for state in ("made", "was there"):
        first = lakehouse("bootstrap", "--env", "dev").out.splitlines()[0]
        assert first == f"{bucket} {state}: versioned, encrypted, private, TLS only"
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
    answer = lakehouse("bootstrap", "--env", "prod")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("RUN502 environment 'prod' lives in account 000000000003")
