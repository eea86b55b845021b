"""Finds the offsets that a micro-batch should have and lacks.

Spark says beforehand from which offset to which a batch goes, and its rows are counted when they are written:
as many rows as offsets prove that none is missing, and cost nothing. Only a batch with fewer rows is read
again, to find which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from glue_jobs.streaming.checkpoint import Offsets

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Gaps of one batch that are listed one by one.
MAX_GAPS = 100
# (source position, what is missing)
Gap = tuple[str, str]


def expected_messages(begin: Offsets, until: Offsets) -> int:
    """The number of offsets from `begin` to `until`."""
    return sum(until[p] - begin[p] for p in until)


def find(rows: DataFrame, topic: str, begin: Offsets, until: Offsets) -> list[Gap]:
    """Each gap of a batch, by reading it once more. `rows` has `_partition` and `_offset`."""
    in_order = Window.partitionBy("_partition").orderBy("_offset")
    neighbours = [
        function("_offset").over(in_order).cast("bigint").alias(name)
        for function, name in ((F.lag, "before"), (F.lead, "after"))
    ]
    offsets = rows.select(
        F.col("_partition").cast("int").alias("p"), F.col("_offset").cast("bigint").alias("o"), *neighbours
    )
    edges = (
        offsets.where("before is null or after is null or after > o + 1")
        .orderBy("p", "o")
        .limit(MAX_GAPS + 2 * len(until))
        .collect()
    )
    gaps: list[tuple[int, int, int]] = []
    for p in until:
        of_partition = [e for e in edges if e.p == p]
        spans = [] if of_partition else [(begin[p], until[p])]
        spans += [(begin[p], e.o) for e in of_partition if e.before is None]
        spans += [(e.o + 1, until[p] if e.after is None else e.after) for e in of_partition]
        gaps += [(p, first, after - 1) for first, after in spans if after > first]
    return [(f"{topic}-{p}@{first}", _describe(p, first, last)) for p, first, last in sorted(gaps)[:MAX_GAPS]]


def summarize(topic: str, missing: int, begin: Offsets, until: Offsets) -> list[Gap]:
    """One gap that says how many offsets are missing, without reading the batch again to find which."""
    ranges = ", ".join(
        f"{begin[p]} to {until[p] - 1} of partition {p}" for p in sorted(until) if until[p] > begin[p]
    )
    return [(topic, f"{missing} of the offsets {ranges} are missing")]


def _describe(partition: int, first: int, last: int) -> str:
    if first == last:
        return f"offset {first} of partition {partition} is missing"
    return f"offsets {first} to {last} of partition {partition} are missing"
