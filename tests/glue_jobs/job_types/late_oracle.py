"""DuckDB's view of the shop: its facts from all rows, in one go."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import duckdb
import polars as pl

from tests.glue_jobs.job_types.late_harness import Rows


def expected(rows: dict[str, Rows]) -> pl.DataFrame:
    """DuckDB's own joins; Python's decimals divide."""
    frames = {table.split(".")[1]: pl.DataFrame(of) for table, of in rows.items()}
    with duckdb.connect() as db:
        for name, frame in frames.items():
            db.register(name, frame)
        lines = db.execute(
            """
            WITH orders AS (
              SELECT *, order_ts::DATE order_date FROM snowflake_orders
              QUALIFY row_number() OVER (PARTITION BY order_id, line_number ORDER BY updated_at DESC) = 1),
            rates AS (
              SELECT * FROM fx_rates
              QUALIFY row_number() OVER (PARTITION BY rate_date, currency ORDER BY published_at DESC) = 1),
            quoted AS (
              SELECT rate_date, currency, rate FROM rates
              UNION ALL SELECT rate_date, 'EUR', 1 FROM rates WHERE currency = 'USD')
            SELECT o.order_id, o.line_number, o.amount, q.rate, d.rate dollar,
              c.customer_id IS NOT NULL has_customer, p.product_id IS NOT NULL has_product
            FROM orders o
            ASOF JOIN quoted q ON o.currency = q.currency AND o.order_date >= q.rate_date
            ASOF JOIN (SELECT * FROM quoted WHERE currency = 'USD') d ON d.currency = 'USD'
              AND o.order_date >= d.rate_date
            LEFT JOIN snowflake_customers c USING (customer_id)
            LEFT JOIN snowflake_products p USING (product_id)
            ORDER BY 1, 2
            """
        ).pl()
    cent = Decimal("0.0001")
    usd = [
        (Decimal(a) * Decimal(d) / Decimal(r)).quantize(cent, ROUND_HALF_UP)
        for a, d, r in lines.select("amount", "dollar", "rate").iter_rows()
    ]
    lines = lines.with_columns(pl.Series("usd", usd, dtype=pl.Decimal(18, 4)))
    sums = lines.group_by("order_id").agg(pl.col("usd").sum().alias("order_usd"))
    joined = lines.join(sums, on="order_id").sort("order_id", "line_number")
    return joined.select(
        "order_id",
        pl.col("line_number").cast(pl.Int32),
        pl.col("usd").cast(pl.String),
        pl.col("order_usd").cast(pl.String),
        "has_customer",
        "has_product",
        pl.lit(True).alias("one_customer"),
    )
