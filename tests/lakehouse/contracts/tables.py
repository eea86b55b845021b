"""The platform's tables as polars computes them from the sample's clean rows: an oracle that shares no code
with the engine.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

import polars as pl

from sample_data import crm, frames, people, rates

SEED = 7
BEGINNING, END = datetime(1900, 1, 1), datetime(9999, 12, 31)


def bronze(start: date, end: date) -> dict[str, pl.DataFrame]:
    """The rows that the sources hold, as typed as the contracts want them, without the metadata columns."""
    day_rates = rates.rate_rows(rates.published(start, end))
    topic = frames.order_events(start, end).with_columns(
        kafka_topic=pl.lit("order_events"),
        kafka_partition=pl.lit(0),
        kafka_offset=pl.int_range(pl.len()),
        kafka_timestamp=pl.col("event_ts"),
    )
    return {
        "bronze.snowflake_orders": frames.orders(start, end, SEED).with_columns(
            is_deleted=pl.lit(None, dtype=pl.Boolean)
        ),
        "bronze.snowflake_customers": people.customer_versions(end, SEED),
        "bronze.snowflake_products": frames.products(),
        "bronze.redshift_behavior": frames.behavior(start, end, SEED),
        "bronze.crm_accounts": crm.accounts(end, SEED),
        "bronze.crm_contacts": crm.contacts(end, SEED),
        "bronze.crm_opportunities": crm.opportunities(end, SEED),
        "bronze.fx_rates": day_rates.select(
            rate_date="dt",
            currency="currency",
            rate=pl.col("rate").cast(pl.Float64),
            published_at=pl.col("published_at").str.to_datetime(time_zone="UTC"),
        ),
        "bronze.kafka_events": topic,
    }


def silver(raw: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    out = {
        "silver.orders": _in_dollars(raw["bronze.snowflake_orders"], raw["bronze.fx_rates"]).with_columns(
            is_deleted=pl.lit(False)
        ),
        "silver.customers": _newest(raw["bronze.snowflake_customers"], "customer_id", "updated_at")
        .with_columns(*_masked())
        .drop("full_name"),
        "silver.products": raw["bronze.snowflake_products"],
        "silver.behavior": raw["bronze.redshift_behavior"].with_columns(
            event_date=pl.col("occurred_at").dt.date()
        ),
        "silver.fx_rates": raw["bronze.fx_rates"],
        "silver.order_events": raw["bronze.kafka_events"].with_columns(
            event_date=pl.col("event_ts").dt.date()
        ),
    }
    return {**out, "silver.customer_activity": _activity(out)}


def gold(raw: dict[str, pl.DataFrame], clean: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    customers = _history(raw["bronze.snowflake_customers"])
    products = clean["silver.products"].with_columns(product_sk=pl.col("product_id"))
    products = pl.concat(
        [products, pl.DataFrame({"product_sk": [-1], "product_id": [-1], "is_deleted": [False]})],
        how="diagonal",
    )
    orders = clean["silver.orders"]
    sales = _pointed(orders, "order_ts", "order_date", customers)
    sales = sales.with_columns(
        product_sk=pl.when(pl.col("product_id").is_in(products["product_id"].to_list()))
        .then("product_id")
        .otherwise(-1)
    )
    grain = [
        "order_id",
        "customer_sk",
        "date_sk",
        "customer_id",
        "store_id",
        "order_ts",
        "order_date",
        "currency",
    ]
    sums = ["quantity", "amount", "amount_usd", "retail_discount", "coupon_discount"]
    return {
        "gold.dim_customer": customers,
        "gold.dim_product": products,
        "gold.dim_date": _calendar(),
        "gold.fact_sales": sales,
        "gold.fact_orders": sales.group_by(grain).agg(pl.len().alias("line_count"), pl.col(sums).sum()),
        "gold.fact_behavior": _pointed(clean["silver.behavior"], "occurred_at", "event_date", customers),
    }


def _newest(rows: pl.DataFrame, key: str, sequence: str) -> pl.DataFrame:
    return rows.sort(key, sequence).group_by(key, maintain_order=True).last()


def _masked() -> tuple[pl.Expr, pl.Expr]:
    digest = pl.col("email").map_elements(
        lambda v: hashlib.sha256(v.encode()).hexdigest(), return_dtype=pl.String
    )
    return digest, (pl.lit("*******") + pl.col("phone").str.tail(3)).alias("phone")


def _in_dollars(orders: pl.DataFrame, fx: pl.DataFrame) -> pl.DataFrame:
    euro = fx.select("rate_date").unique().with_columns(currency=pl.lit("EUR"), rate=pl.lit(1.0))
    all_rates = pl.concat([fx.select("rate_date", "currency", "rate"), euro]).sort("rate_date")
    dollar = all_rates.filter(pl.col("currency") == "USD").select("rate_date", dollar="rate")
    days = orders.with_columns(order_date=pl.col("order_ts").dt.date()).sort("order_date")
    priced = days.join_asof(
        all_rates, left_on="order_date", right_on="rate_date", by="currency", check_sortedness=False
    )
    priced = priced.join_asof(dollar, left_on="order_date", right_on="rate_date", check_sortedness=False)
    usd = pl.col("amount").cast(pl.Float64) / pl.col("rate") * pl.col("dollar")
    return priced.with_columns(amount_usd=usd).drop(
        "rate", "dollar", "rate_date", "rate_date_right", strict=False
    )


def _activity(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    key = ["customer_id", "event_date"]
    bought = tables["silver.orders"].rename({"order_date": "event_date"}).group_by(key)
    orders = bought.agg(
        order_count=pl.col("order_id").n_unique(), line_count=pl.len(), amount_usd=pl.col("amount_usd").sum()
    )
    kinds = {"coupon_redemptions": "coupon_redemption", "campaign_contacts": "campaign_contact"}
    counts = (
        tables["silver.behavior"]
        .group_by(key)
        .agg(**{name: (pl.col("kind") == kind).sum() for name, kind in kinds.items()})
    )
    both = orders.join(counts, on=key, how="full", coalesce=True).with_columns(
        pl.all().exclude(*key).fill_null(0)
    )
    return both.join(
        tables["silver.customers"].select("customer_id", "country"), on="customer_id", how="left"
    )


def _history(versions: pl.DataFrame) -> pl.DataFrame:
    ends = pl.col("updated_at").shift(-1).over("customer_id").fill_null(END)
    first = pl.int_range(pl.len()).over("customer_id") == 0
    rows = versions.sort("customer_id", "updated_at").with_columns(
        customer_sk=pl.int_range(pl.len()),
        valid_since="updated_at",
        valid_from=pl.when(first).then(BEGINNING).otherwise("updated_at"),
        valid_to=ends,
    )
    digest, _ = _masked()
    rows = rows.with_columns(email_hash=digest, is_current=pl.col("valid_to") == END)
    unknown = {
        "customer_sk": [-1],
        "customer_id": [-1],
        "valid_from": [BEGINNING],
        "valid_to": [END],
        "is_current": [True],
        "is_deleted": [False],
    }
    return pl.concat([rows, pl.DataFrame(unknown)], how="diagonal_relaxed")


def _pointed(rows: pl.DataFrame, at: str, day: str, customers: pl.DataFrame) -> pl.DataFrame:
    versions = customers.select("customer_id", "customer_sk", "valid_from").sort("valid_from")
    actual = rows.sort(at).join_asof(
        versions, left_on=at, right_on="valid_from", by="customer_id", check_sortedness=False
    )
    date_sk = pl.col(day).dt.strftime("%Y%m%d").cast(pl.Int32)
    return actual.with_columns(pl.col("customer_sk").fill_null(-1), date_sk=date_sk)


def _calendar() -> pl.DataFrame:
    first = date(2016, 1, 1)
    days = [first + timedelta(n) for n in range((date(2031, 1, 1) - first).days)]
    return pl.DataFrame(
        {"date_sk": [-1, *(int(f"{d:%Y%m%d}") for d in days)], "date": [date(1900, 1, 1), *days]}
    )
