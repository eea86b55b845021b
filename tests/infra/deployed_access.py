"""What people's roles may read of a deployed environment, asked of its Athena."""

from __future__ import annotations

import json
import re
from typing import Any

import boto3
from deltalake import DeltaTable, Schema

from cli.tables.storage import storage_options
from lakehouse.access.evaluate import TableView, view
from lakehouse.contracts.contract import Contract
from lakehouse.environments import names
from tests.infra.deployment import Deployment
from tests.local_aws.athena_query import ended, lines

_DELTA_TYPES = {"bigint": "long", "int": "integer", "smallint": "short", "tinyint": "byte"}


def assert_people_read_what_access_show_says(deployed: Deployment) -> None:
    """Each role that may query, in its own workgroup, asks for all columns of each table."""
    contracts = deployed.facts.schemas.on_lake
    for contract in contracts.values():
        _create(deployed, contract)
    policy = deployed.facts.policy
    asked = 0
    for role in (name for name, facts in policy.roles.items() if "query" in facts.may):
        athena = _client(deployed, role)
        for seen in view(policy, role, contracts):
            assert _answer(deployed, athena, role, seen.table) == _expected(seen), (role, seen.table)
            asked += 1
    assert asked >= 3 * len(contracts)


def _expected(seen: TableView) -> list[str] | str:
    if seen.shown:
        return [column.column.lower() for column in seen.shown]
    return "COLUMN_NOT_FOUND" if seen.described else "Insufficient permissions to execute the query"


def _create(deployed: Deployment, contract: Contract) -> None:
    """An empty table where the catalog says."""
    fields = [
        {"name": name, "type": _DELTA_TYPES.get(kind, kind), "nullable": True, "metadata": {}}
        for name, kind in contract.stored
    ]
    uri = names.table_uri(deployed.env, contract.table).replace("s3a://", "s3://")
    schema = Schema.from_json(json.dumps({"type": "struct", "fields": fields}))
    DeltaTable.create(uri, schema, mode="ignore", storage_options=storage_options(deployed.env))


def _client(deployed: Deployment, role: str) -> Any:
    arn = f"arn:aws:iam::{deployed.env.account}:role/{names.person_role(deployed.env, role)}"
    keys = deployed.client("sts").assume_role(RoleArn=arn, RoleSessionName="ann")["Credentials"]
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=deployed.env.region
    )
    return session.client("athena", endpoint_url=deployed.env.aws.endpoint)


def _answer(deployed: Deployment, athena: Any, role: str, table: str) -> list[str] | str:
    """The columns of the answer, or the kind of error."""
    layer, name = table.split(".")
    sql = f"SELECT * FROM {names.database(deployed.env, layer)}.{name}"
    execution = ended(athena, sql, names.role_workgroup(deployed.env, role))
    if execution["Status"]["State"] == "FAILED":
        return re.split("[:.]", execution["Status"]["StateChangeReason"])[0]
    (header,) = lines(athena, execution)
    return [str(column) for column in header]
