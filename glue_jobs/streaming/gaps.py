"""Offsets that a micro-batch should have and has not.

Spark says beforehand from which offset to which a batch goes, and its rows are counted when they are written: as many rows as offsets means
that none is missing, and costs nothing. Only a batch that has fewer is looked at again, to say which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from glue_jobs.streaming.checkpoint import Offsets

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Gaps of one batch that are named one by one.
MOST = 100
# (source position, what is missing)
Gap = tuple[str, str]


def expected(begin: Offsets, until: Offsets) -> int:
    return sum(until[p] - begin[p] for p in until)


def find(rows: DataFrame, topic: str, begin: Offsets, until: Offsets) -> list[Gap]:
    """Each gap of a batch, by one more reading of it. `rows` has `_partition` and `_offset`."""
    by = Window.partitionBy("_partition").orderBy("_offset")
    place = rows.select(F.col("_partition").cast("int").alias("p"), F.col("_offset").cast("bigint").alias("o"), *[
        f("_offset").over(by).cast("bigint").alias(name) for f, name in ((F.lag, "before"), (F.lead, "after"))
    ])  # fmt: skip
    edges = (
        place.where("before is null or after is null or after > o + 1")
        .orderBy("p", "o")
        .limit(MOST + 2 * len(until))
        .collect()
    )
    found: list[tuple[int, int, int]] = []
    for p in until:
        here = [e for e in edges if e.p == p]
        spans = [(begin[p], until[p])] if not here else []
        spans += [(begin[p], e.o) for e in here if e.before is None]
        spans += [(e.o + 1, until[p] if e.after is None else e.after) for e in here]
        found += [(p, first, after - 1) for first, after in spans if after > first]
    return [(f"{topic}-{p}@{first}", _said(p, first, last)) for p, first, last in sorted(found)[:MOST]]


def roughly(topic: str, missing: int, begin: Offsets, until: Offsets) -> list[Gap]:
    """How many are missing, where it is not worth finding out which."""
    among = ", ".join(
        f"{begin[p]} to {until[p] - 1} of partition {p}" for p in sorted(until) if until[p] > begin[p]
    )
    return [(topic, f"{missing} of the offsets {among} are missing")]


def _said(partition: int, first: int, last: int) -> str:
    which = (
        f"offset {first} of partition {partition} is"
        if first == last
        else f"offsets {first} to {last} of partition {partition} are"
    )
    return f"{which} missing"


__all__ = ["Gap", "expected", "find", "roughly"]
