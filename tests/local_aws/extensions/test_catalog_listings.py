"""Glue's catalog shows a role the databases, tables and columns that Lake Formation has granted it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakehouse.environments import Environment
from tests.local_aws.extensions.conftest import code_of
from tests.local_aws.extensions.test_athena_access import ALLOW, World, tags

DATABASE, OTHER = "listed_db", "unlisted_db"
COLUMNS = ["id", "country", "email"]
ROLES = ("l_tags", "l_table", "l_columns", "l_describes", "l_database", "l_stranger", "l_admin", "l_location")
ORDERS = {"DatabaseName": DATABASE, "Name": "orders"}
ARN = f"arn:aws:glue:eu-central-1:123456789012:table/{DATABASE}"


@pytest.fixture(scope="module")
def world(local_env: Environment) -> World:
    world = World(local_env)
    glue, lake = world.client("glue"), world.client("lakeformation")
    for database in (DATABASE, OTHER):
        glue.create_database(DatabaseInput={"Name": database})
    for database, name, bucket in (
        (DATABASE, "orders", "listed"),
        (DATABASE, "secrets", "listed"),
        (DATABASE, "scratch", "not-listed"),
        (OTHER, "orders", "listed"),
    ):
        columns = [{"Name": column, "Type": "string"} for column in COLUMNS]
        storage = {"Location": f"s3://{bucket}/{database}/{name}", "Columns": columns}
        glue.create_table(DatabaseName=database, TableInput={"Name": name, "StorageDescriptor": storage})
    _roles(world)
    role = "arn:aws:iam::123456789012:role/l_location"
    lake.register_resource(ResourceArn="arn:aws:s3:::listed", RoleArn=role)
    lake.create_lf_tag(TagKey="listed", TagValues=["yes", "no"])
    lake.add_lf_tags_to_resource(Resource={"Table": ORDERS}, LFTags=tags(listed="yes"))
    email = {**ORDERS, "ColumnNames": ["email"]}
    lake.add_lf_tags_to_resource(Resource={"TableWithColumns": email}, LFTags=tags(listed="no"))
    policy = {"ResourceType": "TABLE", "Expression": tags(listed="yes")}
    world.grant("l_tags", {"LFTagPolicy": policy})
    world.grant("l_table", {"Table": ORDERS})
    world.grant("l_columns", {"TableWithColumns": {**ORDERS, "ColumnNames": ["id"]}})
    world.grant("l_describes", {"Table": ORDERS}, "DESCRIBE")
    world.grant("l_database", {"Database": {"Name": OTHER}}, "DESCRIBE")
    return world


def _roles(world: World) -> None:
    iam, owner = world.client("iam"), {"AWS": "arn:aws:iam::123456789012:root"}
    for role in ROLES:
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": owner}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        allowed = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW]})
        iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=allowed)


def _named(table: dict[str, Any]) -> list[str]:
    return [column["Name"] for column in table["StorageDescriptor"]["Columns"]]


@pytest.mark.parametrize(
    ("role", "listed"),
    [
        ("l_tags", {"orders": ["id", "country"], "scratch": COLUMNS}),
        ("l_table", {"orders": COLUMNS, "scratch": COLUMNS}),
        ("l_columns", {"orders": ["id"], "scratch": COLUMNS}),
        ("l_describes", {"orders": COLUMNS, "scratch": COLUMNS}),
        ("l_stranger", {"scratch": COLUMNS}),
        (None, dict.fromkeys(("orders", "secrets", "scratch"), COLUMNS)),
    ],
)
def test_listing_has_the_tables_and_columns_of_the_grants(
    world: World, role: str | None, listed: dict[str, list[str]]
) -> None:
    """A table whose location is not registered is none of Lake Formation's."""
    glue = world.client("glue", role)
    tables = glue.get_tables(DatabaseName=DATABASE)["TableList"]
    assert {table["Name"]: _named(table) for table in tables} == listed
    filters = [{"Key": "DatabaseName", "Value": DATABASE}]
    found = glue.search_tables(Filters=filters)["TableList"]
    assert {table["Name"]: _named(table) for table in found} == listed
    for name, columns in listed.items():
        assert _named(glue.get_table(DatabaseName=DATABASE, Name=name)["Table"]) == columns


@pytest.mark.parametrize(
    ("role", "call"),
    [
        ("l_stranger", lambda glue: glue.get_table(**ORDERS)),
        ("l_table", lambda glue: glue.get_table(DatabaseName=DATABASE, Name="secrets")),
        ("l_columns", lambda glue: glue.get_table_versions(DatabaseName=DATABASE, TableName="orders")),
        ("l_stranger", lambda glue: glue.get_partitions(DatabaseName=DATABASE, TableName="orders")),
        ("l_stranger", lambda glue: glue.get_database(Name=OTHER)),
    ],
)
def test_what_was_not_granted_is_refused_in_the_words_of_lake_formation(
    world: World, role: str, call: Callable[[Any], Any]
) -> None:
    with pytest.raises(
        ClientError, match=r"Insufficient Lake Formation permission\(s\): Required Describe on"
    ):
        call(world.client("glue", role))


def test_database_is_listed_by_a_grant_on_it_or_on_one_of_its_tables(world: World) -> None:
    def listed(role: str) -> set[str]:
        databases = world.client("glue", role).get_databases()["DatabaseList"]
        return {database["Name"] for database in databases} & {DATABASE, OTHER}

    assert listed("l_table") == {DATABASE}
    assert listed("l_database") == {OTHER}
    assert world.client("glue", "l_database").get_database(Name=OTHER)["Database"]["Name"] == OTHER


def test_keys_to_a_table_are_for_its_files_and_for_whoever_may_read_all_of_it(world: World) -> None:
    """IAM's GetDataAccess, the account's setting, then the grant: each alone refuses."""
    lake, iam = world.client("lakeformation"), world.client("iam")
    before = lake.get_data_lake_settings()["DataLakeSettings"]

    def keys(role: str) -> dict[str, Any]:
        answer = world.client("lakeformation", role).get_temporary_glue_table_credentials(
            TableArn=f"{ARN}/orders", SupportedPermissionTypes=["COLUMN_PERMISSION"]
        )
        return dict(answer)

    with pytest.raises(ClientError) as closed:
        keys("l_table")
    assert code_of(closed) == "AccessDeniedException"
    lake.put_data_lake_settings(DataLakeSettings={**before, "AllowFullTableExternalDataAccess": True})
    try:
        assert keys("l_table")["AccessKeyId"].startswith("ASIA")
        for role, code in (("l_columns", "PermissionTypeMismatchException"), ("l_stranger", "AccessDenied")):
            with pytest.raises(ClientError) as refused:
                keys(role)
            assert code_of(refused).startswith(code)
        deny = {"Effect": "Deny", "Action": "lakeformation:GetDataAccess", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
        iam.put_role_policy(RoleName="l_table", PolicyName="no_data", PolicyDocument=document)
        with pytest.raises(ClientError, match="not authorized to perform: lakeformation:GetDataAccess"):
            keys("l_table")
    finally:
        iam.delete_role_policy(RoleName="l_table", PolicyName="no_data")
        lake.put_data_lake_settings(DataLakeSettings=before)


def test_administrator_of_the_lake_sees_everything(world: World) -> None:
    lake = world.client("lakeformation")
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    admin = {"DataLakePrincipalIdentifier": "arn:aws:iam::123456789012:role/l_admin"}
    lake.put_data_lake_settings(DataLakeSettings={**before, "DataLakeAdmins": [admin]})
    try:
        tables = world.client("glue", "l_admin").get_tables(DatabaseName=DATABASE)["TableList"]
    finally:
        lake.put_data_lake_settings(DataLakeSettings=before)
    assert {table["Name"] for table in tables} == {"orders", "secrets", "scratch"}
