"""What changed of a table since it last passed a gate."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.tables import commits, delta_log, read
from lakehouse.contracts import Contract

# A table of fewer files is judged whole: one pass over it is faster than several over a part.
MIN_FILES = 32
REMOVED = ("delete", "update_preimage")


@dataclass(frozen=True)
class ChangedPart:
    """The part of a table that versions since+1 to until changed, and how to call it.

    `rows`: as they are now. `added` less `removed` is by how many rows the table differs from what it was.
    `day`: the column of the days that `rows` are all rows of, and then they are `added` too; None where they
    are the changed rows alone. `net_rows`: by how many rows `added` is longer than `removed`; None: unknown.
    """

    rows: DataFrame
    added: DataFrame
    removed: DataFrame
    day: str | None
    label: str
    net_rows: int | None = None


def changed_part(
    session: SparkSession, uri: str, contract: Contract, since: int, until: int, min_files: int = MIN_FILES
) -> ChangedPart | None:
    """The changed days of a table with partitions by day, or the changed rows of another one.

    None where the whole table is to be judged: it is small, or its log does not tell.
    """
    if int(delta_log.snapshot(session, uri).numOfFiles()) < min_files:
        return None
    label = f"versions {since + 1} to {until}"
    if since == until:
        none = read.pinned(session, uri, contract.table, until).limit(0)
        return ChangedPart(none, none, none, None, "no row of another version", net_rows=0)
    day = next(iter(contract.lake.partition_by), None)
    if day is None or dict(contract.stored).get(day) != "date":
        changes = read.changes(session, uri, since, until)
        before = F.col("_change_type").isin(*REMOVED)
        return ChangedPart(
            read.remaining_rows(session, uri, contract.primary_key, since, until),
            changes.where(~before).drop("_change_type"),
            changes.where(before).drop("_change_type"),
            None,
            f"rows of {label}",
        )
    changed = commits.changed_days(session, uri, day, since, until)
    if changed is None:
        return None
    days = changed.days
    shown = ", ".join(map(str, days[:3])) + (f" and {len(days) - 3} more" if len(days) > 3 else "")
    now, then = (
        read.pinned(session, uri, contract.table, at).where(F.col(day).isin(days)) for at in (until, since)
    )
    return ChangedPart(now, now, then, day, f"{day} {shown or 'of no day'} ({label})", changed.net_rows)
