"""What the oracle found, in the columns and types of the tables; and how two frames are compared."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from tests.loyalty.oracle import Tables

ISSUES = {
    "amount": "no_amount",
    "device": "no_device",
    "place": "no_place",
    "duration": "no_length",
    "clock": "late",
}
TIMES = ("event_ts", "received_ts", "first_event_ts", "last_event_ts")


def differences(table: pl.DataFrame, expected: pl.DataFrame) -> dict[str, object]:
    """What differs between two tables; empty when they have the same columns and rows.

    A column that differs has the first of its rows, as (row, value, expected value). A table that must be
    empty is no proof, so an empty one differs.
    """
    if sorted(table.columns) != sorted(expected.columns):
        return {"columns": set(table.columns) ^ set(expected.columns)}
    columns = sorted(table.columns)
    left, right = _plain(table.select(columns)), _plain(expected.select(columns))
    if left.height != right.height or not right.height:
        return {"rows": (left.height, right.height)}
    return {
        c: [(i, a, b) for i, (a, b) in enumerate(zip(left[c], right[c], strict=True)) if a != b][:3]
        for c in columns
        if not left[c].equals(right[c])
    }


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """In one order, with numbers and times of one kind."""
    times = [
        pl.col(c).dt.replace_time_zone(None).cast(pl.Datetime("us")) for c in TIMES if c in frame.columns
    ]
    whole = [pl.col(c).cast(pl.Int64) for c, t in frame.schema.items() if t.is_integer()]
    exact = [
        pl.col(c).cast(pl.String).cast(pl.Decimal(38, 4)) for c, t in frame.schema.items() if t.is_decimal()
    ]
    keys = [c for c in ("customer_id", "event_id", "country", "city") if c in frame.columns]
    return frame.with_columns(*times, *whole, *exact).sort(keys)


def cleaned(tables: Tables) -> pl.DataFrame:
    lost = pl.sum_horizontal(*[pl.col(c) for c in ISSUES.values()])
    names = pl.concat_str(
        [pl.when(pl.col(c) > 0).then(pl.lit(name)) for name, c in ISSUES.items()],
        separator=",",
        ignore_nulls=True,
    )
    return tables.cleaned.with_columns(quality_score=100 - lost, quality_issues=names).drop(*ISSUES.values())


def summary(tables: Tables) -> pl.DataFrame:
    frame = tables.summary.with_columns(
        average_seconds=_divided(tables.summary["looked_ms"], tables.summary["looks"] * 1000, "0.001"),
        conversion_rate=_divided(tables.summary["buying_sessions"], tables.summary["sessions"], "0.0001"),
    )
    return frame.drop("looked_ms", "looks", "buying_sessions", "days_since_first")


def enriched(tables: Tables) -> pl.DataFrame:
    seconds = _divided(
        tables.enriched["milliseconds"], pl.repeat(1000, tables.enriched.height, eager=True), "0.001"
    )
    return tables.enriched.with_columns(seconds=seconds).drop("milliseconds")


def locations(tables: Tables) -> pl.DataFrame:
    share = _divided(tables.locations["events"], tables.locations["of_all"], "0.0001")
    return tables.locations.with_columns(event_share=share).drop("of_all")


def _divided(a: pl.Series, b: pl.Series, places: str) -> pl.Series:
    """Half up, in Python's decimals: no engine's rounding has a part in it."""
    values = [
        (Decimal(str(x)) / Decimal(str(y))).quantize(Decimal(places), ROUND_HALF_UP)
        if x is not None and y
        else None
        for x, y in zip(a, b, strict=True)
    ]
    return pl.Series(values, dtype=pl.Decimal(38, 4))
