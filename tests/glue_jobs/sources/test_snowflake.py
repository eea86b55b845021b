"""Statements for Snowflake itself, which no laptop has."""

from __future__ import annotations

from glue_jobs.sources.snowflake import unload_sql
from tests.glue_jobs.dialects import parse_copy

URI = "s3://lakehouse-prod-checkpoints-000000000003/staging/job/run_id=1/orders/ab"


def test_snowflake_unloads_named_columns_as_parquet() -> None:
    select = 'SELECT "A" AS "a" FROM "X"."Y"."Z" WHERE "A" < \'2017\'::TIMESTAMP_NTZ'
    text = parse_copy(unload_sql(select, URI, "lake_s3"), "snowflake")
    assert text.startswith(f"COPY INTO '{URI}/' FROM (SELECT")
    assert 'STORAGE_INTEGRATION = "LAKE_S3"' in text.replace("STORAGE_INTEGRATION=", "STORAGE_INTEGRATION = ")
    assert "PARQUET" in text
    assert "HEADER" in text
