"""The platform's memory is the tables that the code reads, kept safe."""

from __future__ import annotations

from typing import Any

import pytest

from lakehouse.environments import load_environment
from lakehouse.environments.control import EXPIRES, table_definition
from lakehouse.environments.names import Control
from tests.infra.job_parts import job_stack


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {env: job_stack(env)["resource"]["aws_dynamodb_table"] for env in ("dev", "prod")}


@pytest.mark.parametrize("control", Control)
def test_a_control_table_is_as_its_readers_know_it(stacks: dict[str, Any], control: Control) -> None:
    table, definition = (
        stacks["prod"][f"control_{control}"],
        table_definition(load_environment("prod"), control),
    )
    assert table["name"] == definition["TableName"]
    assert table["billing_mode"] == "PAY_PER_REQUEST"
    assert table["hash_key"] == definition["KeySchema"][0]["AttributeName"]
    assert {a["name"]: a["type"] for a in table["attribute"]} == {
        a["AttributeName"]: a["AttributeType"] for a in definition["AttributeDefinitions"]
    }
    indexes = {i["name"]: (i["hash_key"], i["range_key"]) for i in table.get("global_secondary_index", [])}
    expected = {
        i["IndexName"]: tuple(k["AttributeName"] for k in i["KeySchema"])
        for i in definition.get("GlobalSecondaryIndexes", [])
    }
    assert indexes == expected


@pytest.mark.parametrize("control", Control)
def test_a_control_table_can_be_brought_back_and_is_encrypted_with_our_key(
    stacks: dict[str, Any], control: Control
) -> None:
    table = stacks["prod"][f"control_{control}"]
    assert table["point_in_time_recovery"] == {"enabled": True}
    assert table["server_side_encryption"] == {"enabled": True, "kms_key_arn": "${aws_kms_key.key_state.arn}"}


def test_only_leases_expire(stacks: dict[str, Any]) -> None:
    ttl = {control: stacks["prod"][f"control_{control}"].get("ttl") for control in Control}
    assert ttl == {**dict.fromkeys(Control), Control.LEASES: {"enabled": True, "attribute_name": EXPIRES}}


@pytest.mark.parametrize(("env", "is_kept"), [("dev", False), ("prod", True)])
def test_only_a_protected_environment_refuses_to_lose_its_memory(
    stacks: dict[str, Any], env: str, is_kept: bool
) -> None:
    for control in Control:
        table = stacks[env][f"control_{control}"]
        assert table["deletion_protection_enabled"] is is_kept
        assert table.get("lifecycle", {}).get("prevent_destroy", False) is is_kept
