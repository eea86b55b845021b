"""daily_usage: one function for each table that the job writes, of the table's name.

Its parameters name what it reads: `bronze_meter_readings` is bronze.meter_readings.
"""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def daily_usage(*, bronze_meter_readings: DataFrame) -> DataFrame:
    """One row per meter and day. Of a reading that was sent again, the one sent last counts."""
    newest = Window.partitionBy("meter_id", "read_at").orderBy(F.col("sent_at").desc())
    readings = bronze_meter_readings.withColumn("_rank", F.row_number().over(newest)).where("_rank = 1")
    return readings.groupBy("meter_id", F.to_date("read_at").alias("usage_date")).agg(
        F.sum("kwh").cast("decimal(18,3)").alias("kwh"),
        F.count(F.lit(1)).alias("reading_count"),
    )
