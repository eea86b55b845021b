"""The rows of the warehouses and of the topic for the days [start, end], as pure functions of the installed
data.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sample_data.dataset import BEFORE, drawn, picked, scan, within
from sample_data.people import customer_versions

CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY")
MONEY = pl.Decimal(18, 2)


def orders(start: date, end: date, seed: int) -> pl.DataFrame:
    """One row per transaction line, sorted by order_id and line_number.

    line_number is the rank of product_id within the basket; a basket names a product at most once, so it is
    unique. coupon_discount is the manufacturer's coupon plus the retailer's match of it. updated_at is 1 to
    30 minutes after the order, but never on a later day.
    """
    stamp = pl.col("transaction_timestamp").cast(pl.Datetime("us"))
    late = stamp + pl.duration(minutes=1 + drawn(pl.col("basket_id"), seed, "orders/updated_at", 30))
    last = stamp.dt.truncate("1d") + pl.duration(days=1, microseconds=-1)
    return (
        scan("transactions")
        .filter(within("transaction_timestamp", start, end))
        .select(
            order_id="basket_id",
            line_number=pl.col("product_id").rank("ordinal").over("basket_id").cast(pl.Int64),
            customer_id="household_id",
            product_id="product_id",
            store_id="store_id",
            quantity="quantity",
            amount=_money(pl.col("sales_value")),
            retail_discount=_money(pl.col("retail_disc")),
            coupon_discount=_money(pl.col("coupon_disc") + pl.col("coupon_match_disc")),
            currency=picked(pl.col("store_id"), CURRENCIES),
            order_ts=stamp,
            updated_at=pl.min_horizontal(late, last),
        )
        .sort("order_id", "line_number")
        .collect()
    )


def customers(end: date, seed: int) -> pl.DataFrame:
    """All households as they are at the end of the day `end`, one row each, sorted by customer_id."""
    return customer_versions(end, seed).group_by("customer_id", maintain_order=True).last()


def products() -> pl.DataFrame:
    """All products, sorted by product_id; they do not change within the data."""
    return (
        scan("products")
        .sort("product_id")
        .with_columns(is_deleted=pl.lit(False), updated_at=pl.lit(BEFORE))
        .collect()
    )


def redemptions(start: date, end: date, seed: int) -> pl.DataFrame:
    """The rows of `behavior` that are coupon redemptions of [start, end]."""
    day = pl.col("redemption_date").cast(pl.Datetime("us"))
    frame = scan("coupon_redemptions").select(
        behavior_id=pl.format(
            "R-{}-{}-{}-{}", "campaign_id", "household_id", "coupon_upc", day.dt.strftime("%Y%m%d")
        ),
        customer_id="household_id",
        kind=pl.lit("coupon_redemption"),
        campaign_id="campaign_id",
        coupon_upc="coupon_upc",
        occurred_at=day,
    )
    return _behavior(frame, seed).filter(within("occurred_at", start, end))


def contacts(start: date | None, end: date, seed: int) -> pl.DataFrame:
    """The rows of `behavior` that are campaign contacts, dated at the campaign's start; without `start`, all
    before `end`.
    """
    frame = (
        scan("campaigns")
        .join(scan("campaign_descriptions"), on="campaign_id")
        .select(
            behavior_id=pl.format("C-{}-{}", "campaign_id", "household_id"),
            customer_id="household_id",
            kind=pl.lit("campaign_contact"),
            campaign_id="campaign_id",
            coupon_upc=pl.lit(None, dtype=pl.Int64),
            occurred_at=pl.col("start_date").cast(pl.Datetime("us")),
        )
    )
    return _behavior(frame, seed).filter(within("occurred_at", start or date.min, end))


def behavior(start: date, end: date, seed: int) -> pl.DataFrame:
    """Redemptions and contacts of [start, end], sorted by behavior_id."""
    return pl.concat([redemptions(start, end, seed), contacts(start, end, seed)]).sort("behavior_id")


def order_events(start: date, end: date) -> pl.DataFrame:
    """One row per basket, sorted by event_ts and order_id, with text where the message has text."""
    stamp = pl.col("transaction_timestamp").cast(pl.Datetime("us"))
    return (
        scan("transactions")
        .filter(within("transaction_timestamp", start, end))
        .group_by(order_id="basket_id", customer_id="household_id", store_id="store_id", event_ts=stamp)
        .agg(line_count=pl.len().cast(pl.Int64), total_amount=_money(pl.col("sales_value")).sum().cast(MONEY))
        .sort("event_ts", "order_id")
        .select(
            event_id=pl.format("E-{}", "order_id"),
            order_id="order_id",
            customer_id="customer_id",
            store_id="store_id",
            event_type=pl.lit("order_placed"),
            line_count="line_count",
            total_amount="total_amount",
            currency=picked(pl.col("store_id"), CURRENCIES),
            event_ts="event_ts",
        )
        .collect()
    )


def _money(value: pl.Expr) -> pl.Expr:
    # The files hold binary floats; rounded first, so that 1.29 is not cut to 1.28.
    return value.round(2).cast(MONEY)


def _behavior(frame: pl.LazyFrame, seed: int) -> pl.DataFrame:
    """updated_at is some seconds after the day's start: the data knows days only."""
    key = pl.col("customer_id") * 1000 + pl.col("campaign_id")
    wait = pl.duration(seconds=1 + drawn(key, seed, "behavior/updated_at", 86_000))
    return frame.with_columns(updated_at=pl.col("occurred_at") + wait).sort("behavior_id").collect()
