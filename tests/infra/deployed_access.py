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
        athena = _client(deployed, role, "athena")
        for seen in view(policy, role, contracts):
            assert _answer(deployed, athena, role, seen.table) == _expected(seen), (role, seen.table)
            asked += 1
    assert asked >= 3 * len(contracts)


def assert_people_list_what_access_show_says(deployed: Deployment) -> None:
    """Each role asks the catalog for all tables: it lists those that it may know of, and no other.

    Of a table that it reads it sees the columns that it reads.
    """
    contracts, policy = deployed.facts.schemas.on_lake, deployed.facts.policy
    layers = {contract.layer for contract in contracts.values()}
    for role in policy.roles:
        glue, listed = _client(deployed, role, "glue"), {}
        for layer in sorted(layers & {_layer(d, deployed) for d in _databases(glue)}):
            for table in glue.get_tables(DatabaseName=names.database(deployed.env, layer))["TableList"]:
                storage = table["StorageDescriptor"]
                columns = (*storage["Columns"], *table.get("PartitionKeys", []))
                listed[f"{layer}.{table['Name']}"] = {column["Name"] for column in columns}
        views = {seen.table: seen for seen in view(policy, role, contracts)}
        assert listed.keys() == {name for name, seen in views.items() if seen.described}, role
        for name, columns in listed.items():
            shown = {column.column.lower() for column in views[name].shown}
            assert columns == shown or not shown, (role, name)


def _databases(glue: Any) -> list[str]:
    return [database["Name"] for database in glue.get_databases()["DatabaseList"]]


def _layer(database: str, deployed: Deployment) -> str:
    layers = {names.database(deployed.env, layer): layer for layer in ("bronze", "silver", "gold")}
    return layers.get(database, "")


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


def _client(deployed: Deployment, role: str, service: str) -> Any:
    arn = f"arn:aws:iam::{deployed.env.account}:role/{names.person_role(deployed.env, role)}"
    keys = deployed.client("sts").assume_role(RoleArn=arn, RoleSessionName="ann")["Credentials"]
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=deployed.env.region
    )
    return session.client(service, endpoint_url=deployed.env.aws.endpoint)


def _answer(deployed: Deployment, athena: Any, role: str, table: str) -> list[str] | str:
    """The columns of the answer, or the kind of error."""
    layer, name = table.split(".")
    sql = f"SELECT * FROM {names.database(deployed.env, layer)}.{name}"
    execution = ended(athena, sql, names.role_workgroup(deployed.env, role))
    if execution["Status"]["State"] == "FAILED":
        return re.split("[:.]", execution["Status"]["StateChangeReason"])[0]
    (header,) = lines(athena, execution)
    return [str(column) for column in header]
