"""Athena shows a role the rows and columns that Lake Formation has granted it, and no others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import boto3
import polars as pl
import pytest
from deltalake import write_deltalake

from cli.tables.storage import storage_options
from lakehouse.environments import Environment
from tests.local_aws.athena_query import ended, lines

ROLES = ("by_tags", "by_table", "by_columns", "all_but", "by_filter", "by_both", "describes", "stranger")
PEOPLE = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "country": ["DE", "FR", "DE"],
        "email": ["a@x.example", "b@x.example", "c@x.example"],
        "active": [True, True, False],
    }
)
TABLE = {"DatabaseName": "people_db", "Name": "people"}
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class World:
    env: Environment

    def client(self, service: str, role: str | None = None) -> Any:
        keys = {"AccessKeyId": "testing", "SecretAccessKey": "testing", "SessionToken": None}
        if role:
            arn = f"arn:aws:iam::123456789012:role/{role}"
            keys = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="query")["Credentials"]
        session = boto3.Session(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=self.env.region
        )
        return session.client(service, endpoint_url=self.env.aws.endpoint)

    def grant(self, role: str, resource: dict[str, Any], permission: str = "SELECT") -> None:
        self.client("lakeformation").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::123456789012:role/{role}"},
            Resource=resource,
            Permissions=[permission],
        )

    def asked(self, role: str | None, sql: str) -> tuple[list[str], list[list[str | None]]] | str:
        """(columns, rows) of the answer, or why there is none."""
        athena = self.client("athena", role)
        execution = ended(athena, sql, "lf_people")
        if execution["Status"]["State"] == "FAILED":
            return str(execution["Status"]["StateChangeReason"])
        header, *rows = lines(athena, execution)
        return [str(name) for name in header], rows


@pytest.fixture(scope="module")
def world(local_env: Environment) -> World:
    world = World(local_env)
    s3, glue, lake = (world.client(service) for service in ("s3", "glue", "lakeformation"))
    s3.create_bucket(Bucket="lf-test", CreateBucketConfiguration={"LocationConstraint": local_env.region})
    rows = PEOPLE.to_arrow(compat_level=pl.CompatLevel.oldest())
    write_deltalake("s3://lf-test/people", rows, storage_options=storage_options(local_env))
    glue.create_database(DatabaseInput={"Name": "people_db"})
    descriptor = {"Location": "s3://lf-test/people", "Columns": []}
    glue.create_table(
        DatabaseName="people_db", TableInput={"Name": "people", "StorageDescriptor": descriptor}
    )
    results = {"ResultConfiguration": {"OutputLocation": "s3://lf-test/results/"}}
    world.client("athena").create_work_group(Name="lf_people", Configuration=results)
    lake.register_resource(ResourceArn="arn:aws:s3:::lf-test", UseServiceLinkedRole=True)
    for role in ROLES:
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        world.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        allowed = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW]})
        world.client("iam").put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=allowed)
    tag_and_grant(world, lake)
    return world


def tags(**of: str) -> list[dict[str, Any]]:
    return [{"TagKey": key, "TagValues": [value]} for key, value in of.items()]


def tag_and_grant(world: World, lake: Any) -> None:
    for key, values in (("pii", ["none", "email"]), ("layer", ["gold"])):
        lake.create_lf_tag(TagKey=key, TagValues=values)
    lake.add_lf_tags_to_resource(
        Resource={"Database": {"Name": "people_db"}}, LFTags=tags(layer="gold", pii="none")
    )
    email = {**TABLE, "ColumnNames": ["email"]}
    lake.add_lf_tags_to_resource(Resource={"TableWithColumns": email}, LFTags=tags(pii="email"))
    lake.create_data_cells_filter(
        TableData={
            "TableCatalogId": "123456789012",
            "DatabaseName": "people_db",
            "TableName": "people",
            "Name": "german",
            "ColumnNames": ["email", "id"],
            "RowFilter": {"FilterExpression": "country = 'DE' AND active"},
        }
    )
    german = {"TableCatalogId": "123456789012", "DatabaseName": "people_db", "TableName": "people"}
    by_tags = {"ResourceType": "TABLE", "Expression": tags(layer="gold", pii="none")}
    world.grant("by_tags", {"LFTagPolicy": by_tags})
    world.grant("by_table", {"Table": TABLE})
    world.grant("by_columns", {"TableWithColumns": {**TABLE, "ColumnNames": ["id", "email"]}})
    excluded = {"ExcludedColumnNames": ["email"]}
    world.grant("all_but", {"TableWithColumns": {**TABLE, "ColumnWildcard": excluded}})
    world.grant("by_filter", {"DataCellsFilter": {**german, "Name": "german"}})
    world.grant("by_both", {"DataCellsFilter": {**german, "Name": "german"}})
    world.grant("by_both", {"TableWithColumns": {**TABLE, "ColumnNames": ["id"]}})
    world.grant("describes", {"Table": TABLE}, "DESCRIBE")


def shown(frame: pl.DataFrame) -> tuple[list[str], list[list[str | None]]]:
    """A frame as Athena's page has it."""
    texts = frame.with_columns(pl.all().cast(pl.String))
    return frame.columns, [list(row) for row in texts.rows()]


GERMAN = (pl.col("country") == "DE") & pl.col("active")


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (None, PEOPLE),
        ("by_tags", PEOPLE.drop("email")),
        ("by_table", PEOPLE),
        ("by_columns", PEOPLE.select("id", "email")),
        ("all_but", PEOPLE.drop("email")),
        ("by_filter", PEOPLE.filter(GERMAN).select("id", "email")),
        ("by_both", PEOPLE.select("id", pl.when(GERMAN).then("email").alias("email"))),
    ],
)
def test_a_role_sees_what_it_was_granted(world: World, role: str | None, seen: pl.DataFrame) -> None:
    sql = "WITH table_0 AS (SELECT 1 AS id) SELECT p.* FROM people_db.people p ORDER BY id"
    assert world.asked(role, sql) == shown(seen)


@pytest.mark.parametrize(
    "sql", ["SELECT email FROM people_db.people", "SELECT id FROM people_db.people WHERE email LIKE 'a%'"]
)
def test_a_column_without_a_grant_cannot_be_read_nor_asked_after(world: World, sql: str) -> None:
    assert world.asked("all_but", sql) == (
        "COLUMN_NOT_FOUND: line 1:1: Column 'email' cannot be resolved or requester is not authorized to "
        "access requested resources"
    )


def test_rows_that_a_filter_hides_are_not_counted(world: World) -> None:
    count = "SELECT count(*) AS n FROM people_db.people WHERE id = 3 OR id = 1"
    assert world.asked("by_filter", count) == (["n"], [["1"]])


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ("describes", "COLUMN_NOT_FOUND: line 1:1: SELECT * not allowed from relation that has no columns"),
        ("stranger", "Insufficient permissions to execute the query. "),
    ],
)
def test_a_role_without_a_right_to_read_gets_no_row(world: World, role: str, reason: str) -> None:
    answer = world.asked(role, "SELECT count(*) FROM people_db.people")
    assert isinstance(answer, str)
    assert answer.startswith(reason)


def test_a_grant_is_of_no_use_without_the_right_of_iam_to_get_at_data(world: World) -> None:
    iam, sql = world.client("iam"), "SELECT id FROM people_db.people WHERE id = 1"
    deny = {"Effect": "Deny", "Action": "lakeformation:GetDataAccess", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    iam.put_role_policy(RoleName="by_table", PolicyName="no_data", PolicyDocument=document)
    refused = world.asked("by_table", sql)
    iam.delete_role_policy(RoleName="by_table", PolicyName="no_data")
    assert "is not authorized to perform: lakeformation:GetDataAccess" in str(refused)
    assert world.asked("by_table", sql) == (["id"], [["1"]])
