"""Lake Formation's settings, locations and tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.environments import load_environment, names
from lakehouse.environments.names import Zone
from tests.infra.lake_formation import (
    ENV,
    NAMES,
    attached,
    several,
)


@pytest.fixture(scope="module")
def prod(synthesized: Any) -> dict[str, Any]:
    resources: dict[str, Any] = synthesized("prod")["resource"]
    return resources


@pytest.mark.parametrize("env", NAMES)
def test_new_tables_are_given_to_nobody_in_either_region_and_the_deployer_alone_administers(
    synthesized: Any, env: str
) -> None:
    settings = synthesized(env)["resource"]["aws_lakeformation_data_lake_settings"]
    account = load_environment(env).account
    assert {body.get("provider") for body in settings.values()} == {None, "aws.replica"}
    for body in settings.values():
        assert (body["create_database_default_permissions"], body["create_table_default_permissions"]) == (
            [],
            [],
        )
        assert body["admins"] == [f"arn:aws:iam::{account}:role/lakehouse-deployer"]


def test_no_database_is_made_before_the_settings_are(prod: dict[str, Any]) -> None:
    for name, body in prod["aws_glue_catalog_database"].items():
        settings = "settings_replica" if body.get("provider") == "aws.replica" else "settings"
        assert f"aws_lakeformation_data_lake_settings.{settings}" in body["depends_on"], name


def test_each_zone_of_tables_is_registered_without_hybrid_access_by_a_role_that_only_reads(
    prod: dict[str, Any],
) -> None:
    locations = prod["aws_lakeformation_resource"]
    assert {body["arn"] for body in locations.values()} == {
        f"arn:aws:s3:::{names.bucket(ENV, z)}" for z in (Zone.BRONZE, Zone.SILVER, Zone.GOLD)
    }
    for body in locations.values():
        assert body["hybrid_access_enabled"] is False
        assert body["role_arn"] == "${aws_iam_role.role_data_access.arn}"
    policy = json.loads(prod["aws_iam_role_policy"]["role_policy_data_access"]["policy"])
    actions = {a for s in policy["Statement"] for a in several(s["Action"])}
    assert actions == {"s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject", "kms:Decrypt"}
    assert not [s for s in policy["Statement"] if "*" in several(s["Resource"])]


def test_every_column_with_personal_data_carries_its_tag(prod: dict[str, Any]) -> None:
    tags = attached(prod)
    declared = {
        (c.layer, c.name, column.name): column.lake.tags["pii"]
        for c in load_schemas().on_lake.values()
        for column in c.columns
        if column.lake.tags["pii"] != "none"
    }
    assert declared
    assert {key: values["pii"] for key, values in tags.items() if key[2]} == declared
