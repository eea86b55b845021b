"""Readers of the second region, and the buckets of a new stack: against an embedded AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli.recovery.fill import fill_watermarks
from glue_jobs.aws import clients
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment, names
from lakehouse.environments.control import table_definition
from lakehouse.environments.names import REPLICATED, Control, Zone
from tests.buckets import create_bucket
from tests.cli.calls import Call


@pytest.fixture(scope="module")
def second(moto_world: Environment) -> Environment:
    """The second region with the copies' buckets, the state and the role of Lake Formation."""
    env = moto_world.model_copy(update={"region": moto_world.replica_region})
    for zone in REPLICATED:
        create_bucket(env, names.replica_bucket(env, zone))
    for control in Control:
        clients(env).dynamodb.create_table(**table_definition(env, control))
    role = names.service_role(env, "data_access")
    clients(env).client("iam").create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    return env


def granted(env: Environment) -> dict[str, list[str]]:
    """Table → columns that the analyst may select."""
    lake = clients(env).client("lakeformation")
    role = f"arn:aws:iam::{env.account}:role/{names.person_role(env, 'analyst')}"
    grants = lake.list_permissions()["PrincipalResourcePermissions"]
    return {
        (table := grant["Resource"]["TableWithColumns"])["Name"]: table["ColumnNames"]
        for grant in grants
        if grant["Principal"]["DataLakePrincipalIdentifier"] == role and grant["Permissions"] == ["SELECT"]
    }


def policies(env: Environment) -> list[dict[str, Any]]:
    iam, role = clients(env).client("iam"), names.service_role(env, "data_access")
    return [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]


def audit(env: Environment) -> list[str]:
    items = clients(env).dynamodb.scan(TableName=names.control_table(env, Control.AUDIT))["Items"]
    return [json.dumps(item, default=str) for item in items]


def test_roles_read_copies_as_far_as_they_read_the_tables_until_they_are_closed(
    second: Environment, lakehouse: Call
) -> None:
    words = ("dr", "readers", "--env", "local", "--role", "analyst")
    shown = lakehouse(*words, "--dry-run")
    assert (shown.code, granted(second), policies(second)) == (0, {}, [])
    assert "nothing was done: this was a dry run" in shown.out
    for _ in range(2):
        answer = lakehouse(*words, "--yes")
        assert (answer.code, answer.err) == (0, "")
    columns = granted(second)
    assert (
        "country" in columns["dim_customer" if "dim_customer" in columns else "dim_date"]
        or columns["dim_date"]
    )
    assert not {"email", "phone", "age"} & {name for of in columns.values() for name in of}
    locations = clients(second).client("lakeformation").list_resources()["ResourceInfoList"]
    arn = f"arn:aws:s3:::{names.replica_bucket(second, Zone.GOLD)}"
    assert arn in [location["ResourceArn"] for location in locations]
    (document,) = policies(second)
    assert f"{arn}/*" in json.dumps(document)
    assert any("dr_readers" in row for row in audit(second))
    # Killed on the way, it is started again.
    for _ in range(2):
        assert lakehouse(*words, "--undo", "--yes").code == 0
        assert (granted(second), policies(second)) == ({}, [])


def test_readers_of_a_region_without_state_are_told_what_comes_first(
    second: Environment, lakehouse: Call
) -> None:
    table = names.control_table(second, Control.WATERMARKS)
    dynamodb = clients(second).dynamodb
    dynamodb.delete_table(TableName=table)
    try:
        answer = lakehouse("dr", "readers", "--env", "local", "--role", "analyst", "--yes")
    finally:
        dynamodb.create_table(**table_definition(second, Control.WATERMARKS))
    assert answer.code == 1
    assert f"RUN658 {second.region} has no table {table}: restore the state first" in answer.err
    assert granted(second) == {}


def test_a_table_of_which_a_role_sees_some_rows_stays_closed(second: Environment, lakehouse: Call) -> None:
    shown = lakehouse("dr", "readers", "--env", "local", "--role", "analyst", "--dry-run").out
    (line,) = [line for line in shown.splitlines() if "gold.dim_customer" in line]
    assert "closed: the role sees some rows alone" in line
    answer = lakehouse("dr", "readers", "--env", "local", "--role", "analist", "--dry-run")
    assert answer.code == 2
    assert "did you mean 'analyst'?" in answer.err


@pytest.fixture
def copies(second: Environment) -> Iterator[dict[str, bytes]]:
    """Objects of a copy, as a stack of the second region finds them: here both share one region."""
    objects = {
        "fact/part-1.parquet": b"one",
        "fact/_delta_log/00000000000000000000.json": b"{}",
        "fact/k=a%20b/part 2.parquet": b"two",
    }
    s3 = clients(second).s3
    for key, body in objects.items():
        s3.put_object(Bucket=names.replica_bucket(second, Zone.GOLD), Key=key, Body=body)
    yield objects
    for bucket in (names.replica_bucket(second, Zone.GOLD), names.bucket(second, Zone.GOLD)):
        for key in objects:
            s3.delete_object(Bucket=bucket, Key=key)


def test_buckets_of_a_new_stack_get_what_they_lack(
    copies: dict[str, bytes], second: Environment, lakehouse: Call
) -> None:
    words = ("dr", "fill", "--env", "local", "--from", "local")
    target, s3 = names.bucket(second, Zone.GOLD), clients(second).s3
    s3.put_object(Bucket=target, Key="fact/part-1.parquet", Body=b"one")
    shown = lakehouse(*words, "--dry-run")
    assert shown.code == 0
    assert s3.list_objects_v2(Bucket=target)["KeyCount"] == 1
    answer = lakehouse(*words, "--yes")
    assert (answer.code, answer.err) == (0, "")
    assert f"{target}: 2 objects copied" in answer.out
    stored = {key: s3.get_object(Bucket=target, Key=key)["Body"].read() for key in copies}
    assert stored == copies
    assert f"{target}: 0 objects copied" in lakehouse(*words, "--yes").out


def test_a_new_stack_gets_the_watermarks_that_it_lacks(second: Environment) -> None:
    lost, new = second, second.model_copy(update={"name": "two"})
    clients(new).dynamodb.create_table(**table_definition(new, Control.WATERMARKS))
    for key, batch in (("a.orders", 7), ("b.lines", 3)):
        Watermarks(lost).open(key).restore({"version": batch}, batch)
    Watermarks(new).open("b.lines").restore({"version": 9}, 9)
    assert fill_watermarks(new, lost) == ["a.orders"]
    stored = {state.key: (state.position, state.batch) for state in Watermarks(new).list()}
    assert stored == {"a.orders": ({"version": 7}, 7), "b.lines": ({"version": 9}, 9)}
