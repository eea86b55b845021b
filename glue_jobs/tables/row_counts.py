"""Counts rows in the same pass that writes them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from glue_jobs.contract import FlaggedRows
from glue_jobs.state.audit import Counts
from glue_jobs.tables.target import Target


@dataclass(frozen=True)
class ObservedRows:
    """The rows that a table takes, of rows that count themselves when they are written."""

    observation: Observation
    accepted: DataFrame

    def metrics(self) -> dict[str, Any]:
        """rows_in, quarantined, deduplicated and the further aggregates.

        Waits until the rows have been written.
        """
        return self.observation.get


def observe(
    flagged: FlaggedRows, duplicate: Column, more: Mapping[str, Column] | None = None
) -> ObservedRows:
    """Accepts the valid rows that are no duplicates, and counts all rows; `more` are further aggregates."""
    observation = Observation(f"pass-{uuid.uuid4()}")
    rows = flagged.rows.observe(
        observation,
        F.count(F.lit(1)).alias("rows_in"),
        F.count_if(flagged.is_invalid).alias("quarantined"),
        F.count_if(~flagged.is_invalid & duplicate).alias("deduplicated"),
        *[aggregate.alias(name) for name, aggregate in (more or {}).items()],
    )
    return ObservedRows(observation, rows.where(~flagged.is_invalid & ~duplicate))


def filters_stay_above(rows: DataFrame) -> DataFrame:
    """The same rows, below which Spark moves no filter: it moves nothing below a metric.

    Else it would write the expressions of all columns into the filter, one within the other, once for each
    mention: a parser runs twice, and the optimizer takes minutes over many rules.
    """
    return rows.observe(f"barrier-{uuid.uuid4()}", F.count(F.lit(1)).alias("rows"))


def write_observed(
    target: Target, observed: ObservedRows, rows: DataFrame, write: Callable[[Target, DataFrame], None]
) -> Counts:
    """Writes `rows`, which derive from `observed`, once.

    A transaction that is committed already is only counted again.
    """
    # Delta passes over a write whose transaction it has, and its rows would never count themselves.
    if target.already_written or target.committed:
        read_through(rows)
    else:
        write(target, rows)
    counted = observed.metrics()
    return Counts(
        counted["rows_in"],
        target.commit().rows("numOutputRows"),
        counted["quarantined"],
        counted["deduplicated"],
    )


def read_through(rows: DataFrame) -> None:
    """Reads all rows and writes none of them, so that they count themselves."""
    rows.write.format("noop").mode("overwrite").save()
