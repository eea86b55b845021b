"""Rules of silver_to_gold that no case of rows can state; the cases are in pipelines/retail/tests/."""

from __future__ import annotations

from datetime import date

from pyspark.sql import SparkSession

from pipelines.retail.transforms import silver_to_gold as job
from tests.glue_jobs.builders import frame


def test_calendar_has_every_day_once_with_iso_weeks(spark: SparkSession) -> None:
    rows = {r.date: r for r in job.dim_date(spark=spark).collect()}
    assert len(rows) == 5479
    for day in (date(2016, 2, 29), date(2017, 1, 1), date(2020, 12, 31), date(2024, 12, 30)):
        _, week, weekday = day.isocalendar()
        row = rows[day]
        assert (row.date_sk, row.iso_week, row.day_of_week, row.is_weekend) == (
            int(f"{day:%Y%m%d}"),
            week,
            weekday,
            weekday > 5,
        )
        assert (row.year, row.quarter, row.month, row.month_name, row.day) == (
            day.year,
            (day.month + 2) // 3,
            day.month,
            f"{day:%B}",
            day.day,
        )


def test_product_key_is_the_same_after_every_rebuild(spark: SparkSession) -> None:
    one = job.dim_product(silver_products=frame(spark, "product_id bigint, brand string", (5, "a"))).collect()
    two = job.dim_product(
        silver_products=frame(spark, "product_id bigint, brand string", (5, "b"), (6, "c"))
    ).collect()
    assert (
        one[0].product_sk
        == next(r.product_sk for r in two if r.product_id == 5)
        != next(r.product_sk for r in two if r.product_id == 6)
    )
