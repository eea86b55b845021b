"""Athena answers queries over the catalog's Delta tables, to unmodified clients."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import awswrangler as wr
import boto3
import polars as pl
import pytest

from cli.tables.storage import storage_options
from lakehouse.environments import Environment
from tests.local_aws.athena_query import ended

SALES = pl.DataFrame(
    {
        "shop": ["a", "a", "b", None],
        "cents": [150, 250, 75, None],
        "price": [Decimal("1.50"), Decimal("2.50"), Decimal("0.75"), None],
        "day": ["2017-01-01", "2017-01-02", "2017-01-01", "2017-01-03"],
    }
).with_columns(pl.col("price").cast(pl.Decimal(18, 2)), pl.col("day").str.to_date())
QUERY = """
    SELECT shop, count(*) AS lines, sum(price) AS total, max(day) AS latest
    FROM athena_db.sales GROUP BY 1 ORDER BY shop NULLS LAST"""


@pytest.fixture(scope="module")
def workgroup(local_env: Environment, client: Callable[[str], Any]) -> str:
    """A workgroup, and a table of the catalog whose rows lie in S3."""
    s3, glue = client("s3"), client("glue")
    s3.create_bucket(Bucket="athena-test", CreateBucketConfiguration={"LocationConstraint": local_env.region})
    location = "s3://athena-test/sales"
    SALES.write_delta(location, storage_options=storage_options(local_env))
    glue.create_database(DatabaseInput={"Name": "athena_db"})
    descriptor = {"Location": location, "Columns": []}
    glue.create_table(DatabaseName="athena_db", TableInput={"Name": "sales", "StorageDescriptor": descriptor})
    results = {"OutputLocation": "s3://athena-test/results/"}
    settings = {"ResultConfiguration": results, "EnforceWorkGroupConfiguration": True}
    client("athena").create_work_group(Name="people", Configuration=settings)
    return "people"


@pytest.fixture(scope="module")
def client(local_env: Environment) -> Callable[[str], Any]:
    """A client of the running platform."""
    session = boto3.Session("testing", "testing", region_name=local_env.region)
    return lambda service: session.client(service, endpoint_url=local_env.aws.endpoint)


def test_awswrangler_reads_the_rows_that_polars_computes(local_env: Environment, workgroup: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", str(local_env.aws.endpoint))
        session = boto3.Session("testing", "testing", region_name=local_env.region)
        frame = wr.athena.read_sql_query(
            QUERY, "athena_db", workgroup=workgroup, ctas_approach=False, boto3_session=session
        )
    expected = (
        SALES.group_by("shop")
        .agg(
            pl.len().alias("lines"), pl.col("price").sum().alias("total"), pl.col("day").max().alias("latest")
        )
        .sort("shop", nulls_last=True)
    )
    rows = [tuple(row) for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False)]
    # Athena's sum of nulls alone is null; polars says 0.
    totals = [None if shop is None else total for shop, total in expected.select("shop", "total").rows()]
    assert [row[2] for row in rows] == totals
    assert [(row[0], row[1], row[3]) for row in rows] == expected.select("shop", "lines", "latest").rows()


def test_pages_begin_with_the_header_and_state_types_and_scanned_bytes(
    client: Callable[[str], Any], workgroup: str
) -> None:
    athena = client("athena")
    execution = ended(athena, QUERY, workgroup)
    assert execution["Statistics"]["DataScannedInBytes"] > 0
    pages = athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=execution["QueryExecutionId"], PaginationConfig={"PageSize": 2}
    )
    answers = list(pages)
    rows = [row["Data"] for page in answers for row in page["ResultSet"]["Rows"]]
    assert rows[0] == [{"VarCharValue": name} for name in ("shop", "lines", "total", "latest")]
    assert rows[1] == [{"VarCharValue": text} for text in ("a", "2", "4.00", "2017-01-02")]
    assert rows[3][0] == {}
    columns = answers[0]["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [column["Type"] for column in columns] == ["varchar", "bigint", "decimal", "date"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "SELECT * FROM athena_db.absent",
            "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.athena_db.absent'",
        ),
        ("SELECT colour FROM athena_db.sales", "COLUMN_NOT_FOUND: line 1:1: Column 'colour'"),
        ("SELEC 1", "SYNTAX_ERROR: "),
        ("DROP TABLE athena_db.sales", "NOT_SUPPORTED: "),
        ("SELECT * FROM read_csv('/etc/passwd')", "GENERIC_USER_ERROR: Permission Error"),
    ],
)
def test_a_query_without_an_answer_fails_in_the_words_of_athena(
    client: Callable[[str], Any], workgroup: str, sql: str, reason: str
) -> None:
    status = ended(client("athena"), sql, workgroup)["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith(reason)
