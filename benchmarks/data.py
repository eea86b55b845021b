"""The input of the steps: the retailer's year, some lines sent twice, and a million generated customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.contracts import Contract
from sample_data import frames
from sample_data.rates import published, rate_rows

SEED = 2017
FIRST, LAST = date(2017, 1, 1), date(2017, 12, 31)
# One line in fifty is sent a second time: half of them changed since, half of them as they were.
AGAIN = 50
FILES = 4


@dataclass(frozen=True)
class Sources:
    """Folders of Parquet files: order lines before the last day, of the last day, and small tables."""

    orders: Path
    day: Path
    small: Path


def write_sources(folder: Path, rows: int) -> Sources:
    """Write at most `rows` order lines of all days. Beyond a year's lines they repeat with other ids."""
    lines = _lines(rows)
    last = pl.col("order_ts") >= pl.datetime(2017, 12, 31)
    sources = Sources(folder / "orders", folder / "day", folder / "small")
    _parquet(_sent_again(lines.filter(~last)), sources.orders, FILES)
    corrected = (
        lines.filter(~last)
        .gather_every(100)
        .with_columns(_later(), quantity=pl.col("quantity") + 1)
        .head(2_000)
    )
    _parquet(pl.concat([_sent_again(lines.filter(last)), corrected]), sources.day, 1)
    small = {
        "customers": frames.customers(LAST, SEED),
        "products": frames.products(),
        "rates": rate_rows(published(FIRST, LAST)),
    }
    for name, frame in small.items():
        _parquet(frame, sources.small / name, 1)
    return sources


def _lines(rows: int) -> pl.DataFrame:
    year = frames.orders(FIRST, LAST, SEED)
    copies = -(-rows // year.height)
    shift = int(year["order_id"].max()) + 1  # type: ignore[arg-type]
    every = pl.concat([year.with_columns(order_id=pl.col("order_id") + shift * n) for n in range(copies)])
    if rows >= every.height:
        return every
    # Of all days: a part that ended early would be an old one.
    return every.select(pl.all().gather(pl.int_range(rows) * every.height // rows))


def _later() -> pl.Expr:
    return (pl.col("updated_at") + pl.duration(seconds=30)).alias("updated_at")


def _sent_again(lines: pl.DataFrame) -> pl.DataFrame:
    again = lines.gather_every(AGAIN)
    changed = again.gather_every(2).with_columns(_later(), quantity=pl.col("quantity") + 1)
    return pl.concat([lines, again.gather_every(2, 1), changed])


def _parquet(frame: pl.DataFrame, folder: Path, files: int) -> None:
    folder.mkdir(parents=True)
    utc = frame.with_columns(
        pl.col(n).dt.replace_time_zone("UTC") for n, t in frame.schema.items() if t == pl.Datetime
    )
    size = -(-utc.height // files)
    for n in range(files):
        utc.slice(n * size, size).write_parquet(folder / f"part-{n}.parquet")


def small_table(spark: SparkSession, sources: Sources, contract: Contract) -> DataFrame:
    """silver.customers, silver.products or silver.fx_rates on their contract; the e-mail is hashed."""
    name = contract.name if contract.name != "fx_rates" else "rates"
    rows = spark.read.parquet(str(sources.small / name))
    if name == "rates":
        rows = rows.withColumnRenamed("dt", "rate_date").withColumn(
            "rate", F.col("rate").cast("decimal(18,8)")
        )
        euro = (
            rows.where("currency = 'USD'")
            .withColumn("currency", F.lit("EUR"))
            .withColumn("rate", F.lit(1).cast("decimal(18,8)"))
        )
        rows = rows.unionByName(euro)
    if name == "customers":
        rows = rows.withColumn("email", F.sha2("email", 256))
    available = set(rows.columns)
    return rows.select(
        *[
            (F.col(c.name) if c.name in available else F.lit(None)).cast(c.type).alias(c.name)
            for c in contract.columns
        ]
    )


def million_customers(spark: SparkSession, contract: Contract, keys: int) -> DataFrame:
    """One state of each of `keys` customers on the contract of silver.customers."""
    n = F.col("id")
    values = {
        "customer_id": n + 1,
        "country": F.element_at(
            F.array(*[F.lit(c) for c in ("US", "GB", "DE", "JP")]), (n % 4 + 1).cast("int")
        ),
        "email": F.sha2(n.cast("string"), 256),
        "age": (n % 60 + 19).cast("string"),
        "income": (n % 12 * 10).cast("string"),
        "home_ownership": F.when(n % 3 == 0, "Renter").otherwise("Homeowner"),
        "is_deleted": F.lit(False),
        "created_at": F.lit("2016-12-31 06:00:00"),
        "updated_at": F.lit("2016-12-31 06:00:00"),
    }
    rows = spark.range(keys)
    return rows.select(
        *[values.get(c.name, F.lit(None)).cast(c.type).alias(c.name) for c in contract.columns]
    )


def customer_changes(spark: SparkSession, contract: Contract, keys: int, changes: int) -> DataFrame:
    """New states of some customers: nine in ten differ, one in ten repeats the old state."""
    step = keys // changes
    rows = million_customers(spark, contract, keys).where((F.col("customer_id") - 1) % step == 0)
    moved = F.when(F.col("customer_id") % (10 * step) != 1, F.lit("999")).otherwise(F.col("income"))
    return rows.withColumn("income", moved).withColumn(
        "updated_at", F.lit("2017-06-01 12:00:00").cast("timestamp")
    )
