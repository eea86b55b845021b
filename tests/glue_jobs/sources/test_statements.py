"""SQL for warehouses that no laptop has: read by a parser of their dialect."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from glue_jobs.connections.sql_names import qualified, quoted
from glue_jobs.sources.snowflake import unload_sql
from glue_jobs.warehouses import redshift as redshift_sink
from glue_jobs.warehouses import snowflake as snowflake_sink

URI = "s3://lakehouse-prod-checkpoints-000000000003/staging/job/run_id=1/orders/ab"


def parsed(sql: str, dialect: str) -> exp.Copy:
    (statement,) = sqlglot.parse(sql, read=dialect)
    assert isinstance(statement, exp.Copy), f"not understood: {sql}"
    return statement


def test_snowflake_unloads_named_columns_as_parquet() -> None:
    statement = parsed(
        unload_sql('SELECT "A" AS "a" FROM "X"."Y"."Z" WHERE "A" < \'2017\'::TIMESTAMP_NTZ', URI, "lake_s3"),
        "snowflake",
    )
    text = statement.sql("snowflake")
    assert text.startswith(f"COPY INTO '{URI}/' FROM (SELECT")
    assert 'STORAGE_INTEGRATION = "LAKE_S3"' in text.replace("STORAGE_INTEGRATION=", "STORAGE_INTEGRATION = ")
    assert "PARQUET" in text
    assert "HEADER" in text


def test_snowflake_loads_a_folder_by_column_names() -> None:
    text = parsed(snowflake_sink.copy_sql('"ANALYTICS"."GOLD"."_S"', URI, "lake_s3"), "snowflake").sql(
        "snowflake"
    )
    assert text.startswith(f'COPY INTO "ANALYTICS"."GOLD"."_S" FROM \'{URI}/\'')
    assert "CASE_INSENSITIVE" in text


def test_redshift_loads_a_folder_of_parquet() -> None:
    text = parsed(redshift_sink.copy_sql('"s"', URI, "arn:aws:iam::1:role/x"), "redshift").sql("redshift")
    assert text.startswith(f"COPY \"s\" FROM '{URI}/'")
    assert "'arn:aws:iam::1:role/x'" in text
    assert "PARQUET" in text


@pytest.mark.parametrize("name", ['a"; DROP TABLE x; --', "a.b", "a b", "é", "select"])
def test_a_name_is_never_more_than_a_name(name: str) -> None:
    for dialect in ("snowflake", "postgres", "redshift"):
        statement = sqlglot.parse_one(f"SELECT {quoted(name)} FROM t", read=dialect)
        column = statement.find(exp.Column)
        assert column is not None
        assert column.name == name


def test_plain_names_are_folded_as_the_warehouse_does() -> None:
    assert qualified("retail.Public.ORDERS", str.upper) == '"RETAIL"."PUBLIC"."ORDERS"'
    assert qualified("Public.behavior", str.lower) == '"public"."behavior"'


@pytest.mark.parametrize("name", ["", "a%sb", "a\0b"])
def test_what_could_be_taken_for_a_value_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="no SQL name"):
        quoted(name)
