"""silver_to_gold's functions, by themselves: frames in, a frame out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from pyspark.sql import SparkSession

from pipelines.retail.transforms import silver_to_gold as job
from tests.glue_jobs.builders import frame

CUSTOMERS = "customer_sk bigint, customer_id bigint, valid_from timestamp, valid_to timestamp"
LINES = (
    "order_id bigint, line_number int, customer_id bigint, product_id bigint, store_id bigint, order_ts timestamp, order_date date, "
    "currency string, quantity bigint, amount decimal(18,2), amount_usd decimal(18,4), retail_discount decimal(18,2), coupon_discount decimal(18,2)"
)
END = datetime(9999, 12, 31, tzinfo=UTC)


def at(day: int) -> datetime:
    return datetime(2017, 1, day, tzinfo=UTC)


def line(order: int, number: int, customer: int, product: int, day: int) -> tuple[object, ...]:
    one = Decimal(1)
    return (order, number, customer, product, 1, at(day), at(day).date(), "USD", 1, one, one, one, one)


def test_line_points_to_the_version_of_its_customer_that_was_valid_then(spark: SparkSession) -> None:
    customers = frame(
        spark, CUSTOMERS, (71, 7, datetime(1900, 1, 1, tzinfo=UTC), at(10)), (72, 7, at(10), END)
    )
    products = frame(spark, "product_sk bigint, product_id bigint", (5, 50))
    lines = frame(spark, LINES, line(1, 1, 7, 50, 9), line(2, 1, 7, 50, 10), line(3, 1, 8, 51, 9))
    rows = (
        job.fact_sales(silver_orders=lines, gold_dim_customer=customers, gold_dim_product=products)
        .orderBy("order_id")
        .collect()
    )
    assert [(r.customer_sk, r.product_sk, r.date_sk) for r in rows] == [
        (71, 5, 20170109),
        (72, 5, 20170110),
        (-1, -1, 20170109),
    ]


def test_order_is_its_lines_added_up(spark: SparkSession) -> None:
    customers = frame(spark, CUSTOMERS)
    rows = job.fact_orders(
        silver_orders=frame(spark, LINES, line(1, 1, 7, 50, 9), line(1, 2, 7, 51, 9)),
        gold_dim_customer=customers,
    ).collect()
    assert [(r.order_id, r.line_count, r.amount, r.quantity, r.customer_sk) for r in rows] == [
        (1, 2, Decimal(2), 2, -1)
    ]


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
