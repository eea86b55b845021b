"""bronze_to_silver: the newest row of each key in canonical types.

Personal data is masked, and amounts are in US dollars.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

# Wide enough for every rate that the European Central Bank has published,
# narrow enough that Spark divides to 13 places.
RATE = "decimal(14,6)"


def customers(*, bronze_snowflake_customers: DataFrame) -> DataFrame:
    return bronze_snowflake_customers.withColumn("is_deleted", _flag("is_deleted"))


def products(*, bronze_snowflake_products: DataFrame) -> DataFrame:
    return bronze_snowflake_products.withColumn("is_deleted", _flag("is_deleted"))


def fx_rates(*, bronze_fx_rates: DataFrame) -> DataFrame:
    """Units of a currency for one euro.

    The bank does not publish the euro itself; it is 1 on every day that has rates.
    """
    euro = (
        bronze_fx_rates.where("currency = 'USD'")
        .withColumn("currency", F.lit("EUR"))
        .withColumn("rate", F.lit(1).cast("decimal(18,8)"))
    )
    return bronze_fx_rates.unionByName(euro)


def orders(*, bronze_snowflake_orders: DataFrame, silver_fx_rates: DataFrame) -> DataFrame:
    """amount_usd = amount ÷ rate(currency) × rate(USD).

    The rates are those of the order date, or the last ones published before it.
    """
    lines = bronze_snowflake_orders.withColumn("order_date", F.to_date("order_ts")).withColumn(
        "is_deleted", _flag("is_deleted")
    )
    rates = rates_by_day(silver_fx_rates)
    last = silver_fx_rates.agg(F.max("rate_date").alias("last_rate_day"))
    # After the last day that has rates, its rates hold.
    dated = lines.crossJoin(last).withColumn("rate_day", F.least("order_date", "last_rate_day"))
    joined = dated.join(
        rates, (dated.currency == rates.rate_currency) & (dated.rate_day == rates.day_of_rate), "left"
    )
    # Multiplied first: one division, at the end, is rounded once.
    usd = F.round(F.col("amount").cast("decimal(12,2)") * F.col("usd") / F.col("rate"), 4).cast(
        "decimal(18,4)"
    )
    reject = F.when(
        F.col("rate").isNull(),
        F.concat(F.lit("amount_usd: no exchange rate for "), F.coalesce("currency", F.lit("null"))),
    )
    return joined.withColumn("amount_usd", usd).withColumn("_reject", reject)


def rates_by_day(rates: DataFrame) -> DataFrame:
    """(rate_currency, day_of_rate, rate, usd) for every day from the first to the last that has rates.

    A day without rates has those of the day before it.
    """
    by_currency = Window.partitionBy("currency").orderBy("rate_date")
    last_of_all = F.max("rate_date").over(Window.partitionBy(F.lit(1)))
    last_day = F.coalesce(F.date_sub(F.lead("rate_date").over(by_currency), 1), last_of_all)
    spread = rates.withColumn("_last", last_day).withColumn(
        "day_of_rate", F.explode(F.sequence("rate_date", "_last"))
    )
    daily = spread.select(
        F.col("currency").alias("rate_currency"), "day_of_rate", F.col("rate").cast(RATE).alias("rate")
    )
    # A window and not a join: Spark takes a join for as large as the product of its sides, and would then
    # send the orders over the network instead of these few rows.
    dollar = F.max(F.when(F.col("rate_currency") == "USD", F.col("rate")))
    return daily.withColumn("usd", dollar.over(Window.partitionBy("day_of_rate")))


def behavior(*, bronze_redshift_behavior: DataFrame) -> DataFrame:
    return bronze_redshift_behavior.withColumn("event_date", F.to_date("occurred_at"))


def order_events(*, bronze_kafka_events: DataFrame) -> DataFrame:
    return bronze_kafka_events.withColumn("event_date", F.to_date("event_ts"))


def customer_activity(
    *, silver_orders: DataFrame, silver_behavior: DataFrame, silver_customers: DataFrame
) -> DataFrame:
    """What each customer bought and did on each day.

    Joins Snowflake's orders and customers with Redshift's behaviour, by customer_id.
    """
    bought = silver_orders.groupBy("customer_id", F.col("order_date").alias("event_date")).agg(
        F.countDistinct("order_id").alias("order_count"),
        F.count(F.lit(1)).alias("line_count"),
        F.sum("amount_usd").alias("amount_usd"),
    )
    did = silver_behavior.groupBy("customer_id", "event_date").agg(
        F.count_if(F.col("kind") == "coupon_redemption").alias("coupon_redemptions"),
        F.count_if(F.col("kind") == "campaign_contact").alias("campaign_contacts"),
    )
    days = bought.join(did, ["customer_id", "event_date"], "full_outer").fillna(
        0, ["order_count", "line_count", "coupon_redemptions", "campaign_contacts"]
    )
    country = silver_customers.select("customer_id", "country")
    return days.withColumn("amount_usd", F.coalesce("amount_usd", F.lit(0))).join(
        country, "customer_id", "left"
    )


def _flag(name: str) -> Column:
    """A source that has no such flag deletes nothing."""
    return F.coalesce(F.col(name), F.lit(False))
