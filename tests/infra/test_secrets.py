"""Every secret that a fact names has a container, and nothing of the stack holds what is in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cdktf import App

from infra.facts import read_facts
from infra.parts.encryption.keys import add_keys
from infra.parts.encryption.secrets import add_secrets
from infra.platform_stack import PlatformStack
from lakehouse.environments import Environment, load_environment, names
from lakehouse.environments.systems import Rotation
from tests.infra.iam import Policies
from tests.infra.job_parts import job_stack

FUNCTION = "arn:aws:lambda:eu-central-1:000000000003:function:renew"


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {env: job_stack(env)["resource"] for env in ("dev", "prod")}


def renewed(env: Environment, out: Path) -> dict[str, Any]:
    app = App(outdir=str(out))
    stack = PlatformStack(app, replace(read_facts("prod"), env=env))
    add_secrets(stack, add_keys(stack))
    app.synth()
    document: dict[str, Any] = json.loads((out / "stacks" / stack.node.id / "cdk.tf.json").read_text())[
        "resource"
    ]
    return document


def test_every_secret_that_a_job_a_system_or_a_channel_names_has_a_container(stacks: dict[str, Any]) -> None:
    prod = {s["name"] for s in stacks["prod"]["aws_secretsmanager_secret"].values()}
    env = load_environment("prod")
    expected = {"snowflake", "redshift", "kafka", "pii_key", "forgotten_key", "postgres", "slack", "api_key"}
    assert prod == {names.secret(env, name) for name in expected}
    dev = {s["name"].rsplit("/", 1)[1] for s in stacks["dev"]["aws_secretsmanager_secret"].values()}
    assert dev == expected - {"slack"}


def test_no_value_of_a_secret_is_part_of_the_stack(stacks: dict[str, Any]) -> None:
    assert not any("aws_secretsmanager_secret_version" in found for found in stacks.values())


@pytest.mark.parametrize(("env", "days"), [("dev", 0), ("prod", 30)])
def test_a_container_is_encrypted_with_our_key_and_can_be_brought_back_where_it_matters(
    stacks: dict[str, Any], env: str, days: int
) -> None:
    for secret in stacks[env]["aws_secretsmanager_secret"].values():
        assert secret["kms_key_id"] == "${aws_kms_key.key_secrets.arn}"
        assert secret["recovery_window_in_days"] == days
        assert secret.get("lifecycle", {}).get("prevent_destroy", False) is (env == "prod")


def test_nobody_reads_without_tls_or_from_another_account(stacks: dict[str, Any]) -> None:
    policies = stacks["prod"]["aws_secretsmanager_secret_policy"]
    assert len(policies) == len(stacks["prod"]["aws_secretsmanager_secret"])
    for policy in policies.values():
        assert policy["block_public_policy"] is True
        tls, account = json.loads(policy["policy"])["Statement"]
        assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        assert account["Effect"] == "Deny"
        assert account["Condition"]["StringNotEquals"] == {"aws:PrincipalAccount": "000000000003"}
        everybody = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        may = Policies(({"Statement": [everybody, tls]},))
        assert not may.allow("secretsmanager:GetSecretValue", "x", aws__SecureTransport="false")
        assert may.allow("secretsmanager:GetSecretValue", "x", aws__SecureTransport="true")


def test_a_secret_is_renewed_only_where_the_facts_name_the_function_that_can(
    stacks: dict[str, Any], tmp_path: Path
) -> None:
    assert "aws_secretsmanager_secret_rotation" not in stacks["prod"]
    env = load_environment("prod")
    stack_facts = env.stack.model_copy(
        update={"rotation": {"redshift": Rotation(lambda_arn=FUNCTION, days=30)}}
    )
    rotations = renewed(env.model_copy(update={"stack": stack_facts}), tmp_path)[
        "aws_secretsmanager_secret_rotation"
    ]
    assert list(rotations) == ["rotation_redshift"]
    rotation = rotations["rotation_redshift"]
    assert rotation["rotation_lambda_arn"] == FUNCTION
    assert rotation["rotation_rules"] == {"automatically_after_days": 30}
    assert rotation["rotate_immediately"] is False
