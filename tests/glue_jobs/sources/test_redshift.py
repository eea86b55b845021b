"""What only Redshift does: parallel reads. All other reads are tested in test_warehouses.py."""

from __future__ import annotations

from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import WarehouseTable, fill, source_of, table_contract, whole


def test_redshift_is_read_in_as_many_parts_as_the_environment_says(
    spark: SparkSession, local_env: Environment
) -> None:
    table = WarehouseTable(local_env, "redshift")
    fill(table, *["2017-01-01 00:00:00"] * 9)
    table.run("INSERT INTO {t} (id, name, updated_at) VALUES (NULL, 'no id', '2017-01-01 00:00:00')")
    rows = whole(source_of(spark, local_env, table_contract(table))).rows
    assert rows.selectExpr("spark_partition_id() p").distinct().count() == local_env.redshift.partitions == 2
    assert rows.count() == 10
