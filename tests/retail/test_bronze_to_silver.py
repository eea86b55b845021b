"""bronze_to_silver's functions, by themselves: frames in, a frame out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from pipelines.retail.transforms import bronze_to_silver as job
from tests.glue_jobs.builders import frame

ORDERS = "order_id bigint, line_number int, amount decimal(18,2), currency string, order_ts timestamp, is_deleted boolean"
RATES = "rate_date date, currency string, rate decimal(18,8), published_at timestamp"
FRIDAY, MONDAY = date(2017, 1, 6), date(2017, 1, 9)


@pytest.fixture(scope="module")
def rates(spark: SparkSession) -> DataFrame:
    published = datetime(2017, 1, 6, 15, tzinfo=UTC)
    known = {"USD": "1.0589", "GBP": "0.85450", "JPY": "123.02", "EUR": "1"}
    later = {"USD": "1.0516", "GBP": "0.86633", "JPY": "122.62", "EUR": "1"}
    rows = [
        (d, c, Decimal(r), published)
        for d, quoted in ((FRIDAY, known), (MONDAY, later))
        for c, r in quoted.items()
    ]
    return frame(spark, RATES, *rows)


def priced(spark: SparkSession, rates: DataFrame, amount: str, currency: str | None, day: date) -> Any:
    order = frame(
        spark,
        ORDERS,
        (1, 1, Decimal(amount), currency, datetime(day.year, day.month, day.day, 12, tzinfo=UTC), None),
    )
    return job.orders(
        bronze_snowflake_orders=order, silver_fx_rates=rates, run_date=date(2017, 1, 31)
    ).collect()[0]


@pytest.mark.parametrize(
    ("amount", "currency", "day", "usd"),
    [
        ("10.00", "USD", FRIDAY, "10.0000"),
        ("10.00", "EUR", FRIDAY, "10.5890"),
        ("10.00", "GBP", FRIDAY, "12.3920"),
        ("1000.00", "JPY", MONDAY, "8.5761"),
        ("-10.00", "EUR", FRIDAY, "-10.5890"),
    ],
)
def test_amount_is_divided_by_its_rate_and_multiplied_by_the_dollars(
    spark: SparkSession, rates: DataFrame, amount: str, currency: str, day: date, usd: str
) -> None:
    assert priced(spark, rates, amount, currency, day).amount_usd == Decimal(usd)


def test_half_a_tenth_of_a_mill_is_rounded_up(spark: SparkSession) -> None:
    moment = datetime(2017, 1, 6, tzinfo=UTC)
    exact = frame(
        spark, RATES, (FRIDAY, "USD", Decimal("1.00005"), moment), (FRIDAY, "EUR", Decimal(1), moment)
    )
    assert priced(spark, exact, "1.00", "EUR", FRIDAY).amount_usd == Decimal("1.0001")


def test_day_without_rates_has_those_last_published_before_it(spark: SparkSession, rates: DataFrame) -> None:
    saturday, long_after = date(2017, 1, 7), date(2017, 1, 30)
    assert priced(spark, rates, "10.00", "EUR", saturday).amount_usd == Decimal("10.5890")
    assert priced(spark, rates, "10.00", "EUR", long_after).amount_usd == Decimal("10.5160")


@pytest.mark.parametrize(("currency", "day"), [("XXX", FRIDAY), ("EUR", date(2017, 1, 5)), (None, FRIDAY)])
def test_order_without_a_rate_is_rejected_with_its_currency(
    spark: SparkSession, rates: DataFrame, currency: str | None, day: date
) -> None:
    row = priced(spark, rates, "10.00", currency, day)
    assert row.amount_usd is None
    assert row._reject == f"amount_usd: no exchange rate for {currency or 'null'}"


def test_source_without_a_delete_flag_deletes_nothing(spark: SparkSession, rates: DataFrame) -> None:
    assert priced(spark, rates, "10.00", "USD", FRIDAY).is_deleted is False


def test_euro_is_one_on_every_day_that_has_rates(spark: SparkSession, rates: DataFrame) -> None:
    published = rates.where("currency <> 'EUR'")
    rows = job.fx_rates(bronze_fx_rates=published).where("currency = 'EUR'").collect()
    assert sorted((r.rate_date, r.rate) for r in rows) == [(FRIDAY, Decimal(1)), (MONDAY, Decimal(1))]


def test_activity_joins_what_a_customer_bought_and_did_on_a_day(spark: SparkSession) -> None:
    orders = frame(
        spark, "customer_id bigint, order_id bigint, order_date date, amount_usd decimal(18,4)",
        (1, 10, FRIDAY, Decimal(5)), (1, 10, FRIDAY, Decimal(2)), (2, 11, MONDAY, Decimal(1)),
    )  # fmt: skip
    behavior = frame(
        spark, "customer_id bigint, event_date date, kind string",
        (1, FRIDAY, "coupon_redemption"), (3, FRIDAY, "campaign_contact"),
    )  # fmt: skip
    customers = frame(spark, "customer_id bigint, country string", (1, "US"), (2, "GB"))
    found = job.customer_activity(silver_orders=orders, silver_behavior=behavior, silver_customers=customers)
    got = {
        (r.customer_id, r.event_date): (
            r.country,
            r.order_count,
            r.line_count,
            r.amount_usd,
            r.coupon_redemptions,
            r.campaign_contacts,
        )
        for r in found.collect()
    }
    assert got == {
        (1, FRIDAY): ("US", 1, 2, Decimal(7), 1, 0),
        (2, MONDAY): ("GB", 1, 1, Decimal(1), 0, 0),
        (3, FRIDAY): (None, 0, 0, Decimal(0), 0, 1),
    }
