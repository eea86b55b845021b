"""What only Snowflake does: wide numbers and UNLOAD. All other reads are tested in test_warehouses.py."""

from __future__ import annotations

from decimal import Decimal

from pyspark.sql import SparkSession

from glue_jobs.contract import align_to_schema
from glue_jobs.sources.unloaded import unload_sql
from lakehouse.environments import Environment
from tests.glue_jobs.dialects import parse_copy
from tests.glue_jobs.sources.systems import WarehouseTable, rows_of, source_of, table_contract, whole

URI = "s3://lakehouse-prod-checkpoints-000000000003/staging/job/run_id=1/orders/ab"


def test_snowflake_unloads_named_columns_as_parquet() -> None:
    select = 'SELECT "A" AS "a" FROM "X"."Y"."Z" WHERE "A" < \'2017\'::TIMESTAMP_NTZ'
    text = parse_copy(unload_sql(select, URI, "lake_s3"), "snowflake")
    assert text.startswith(f"COPY INTO '{URI}/' FROM (SELECT")
    assert 'STORAGE_INTEGRATION = "LAKE_S3"' in text.replace("STORAGE_INTEGRATION=", "STORAGE_INTEGRATION = ")
    assert "PARQUET" in text
    assert "HEADER" in text


def test_a_number_beyond_64_bits_comes_as_it_is(spark: SparkSession, local_env: Environment) -> None:
    table = WarehouseTable(local_env, "snowflake")
    table.run(
        "CREATE TABLE {t} (id NUMBER(37,0), name VARCHAR, amount NUMBER(18,2), "
        "note VARCHAR, updated_at TIMESTAMP)"
    )
    table.run(
        "INSERT INTO {t} VALUES (1, 'a', 1, NULL, '2017-01-01 00:00:00'), "
        "(9999999999999999999999999999999999999, 'b', 1, NULL, '2017-01-01 00:00:00')"
    )
    rows = whole(source_of(spark, local_env, table_contract(table))).rows
    assert rows_of(rows, "id") == [(Decimal(1),), (Decimal("9" * 37),)]
    assert rows_of(align_to_schema(rows, table_contract(table), text=False), "id") == [(None,), (1,)]
