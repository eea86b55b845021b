"""build_customer_features: recency, frequency, monetary value and rolling sums, as of the end of a day."""

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

WINDOWS = (7, 30, 90)
SUMS = {
    "orders": "order_count",
    "amount_usd": "amount_usd",
    "coupons": "coupon_redemptions",
    "campaigns": "campaign_contacts",
}


def customer_features(*, silver_customer_activity: DataFrame, run_date: date) -> DataFrame:
    """One row per customer who has done anything by the end of `run_date`; no later day counts."""
    as_of = F.lit(run_date)
    past = silver_customer_activity.where(F.col("event_date") <= as_of)
    sums = [
        F.coalesce(F.sum(F.when(_days_ago(as_of) < days, F.col(source))), F.lit(0)).alias(f"{name}_{days}d")
        for name, source in SUMS.items()
        for days in WINDOWS
    ]
    per_customer = past.groupBy("customer_id").agg(
        F.min(F.when(F.col("order_count") > 0, _days_ago(as_of))).alias("recency_days"),
        F.max(_days_ago(as_of)).alias("tenure_days"),
        F.sum("order_count").alias("frequency"),
        F.sum("amount_usd").alias("monetary_usd"),
        *sums,
    )
    # NULLIF: a customer without an order has no average, under ANSI mode too.
    average = F.col("monetary_usd") / F.expr("nullif(frequency, 0)")
    return per_customer.withColumn("as_of_date", as_of).withColumn("average_order_usd", average)


def _days_ago(as_of: Column) -> Column:
    return F.date_diff(as_of, F.col("event_date"))
