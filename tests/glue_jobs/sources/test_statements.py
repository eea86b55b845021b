"""Statements for warehouses that no laptop has are valid in their dialect."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from glue_jobs.sources.snowflake import unload_sql
from glue_jobs.warehouses import redshift, snowflake

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
    text = parsed(snowflake.copy_sql('"ANALYTICS"."GOLD"."_S"', URI, "lake_s3"), "snowflake").sql("snowflake")
    assert text.startswith(f'COPY INTO "ANALYTICS"."GOLD"."_S" FROM \'{URI}/\'')
    assert "CASE_INSENSITIVE" in text


def test_redshift_loads_a_folder_of_parquet() -> None:
    text = parsed(redshift.copy_sql('"s"', URI, "arn:aws:iam::1:role/x"), "redshift").sql("redshift")
    assert text.startswith(f"COPY \"s\" FROM '{URI}/'")
    assert "'arn:aws:iam::1:role/x'" in text
    assert "PARQUET" in text
