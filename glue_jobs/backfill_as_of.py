"""Writes tables as they were known at the end of a day, under a lease and with an audit row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import lease
from glue_jobs.state.operations import audited
from glue_jobs.tables.as_of import AsOf, delete_expired
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment, names

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

VERB = "backfill_as_of"


@dataclass(frozen=True)
class AsOfRequest:
    """Tables, and the day at whose end they are seen. `keep_days`: of a partition in a table of its own."""

    tables: Sequence[str]
    day: date
    keep_days: int
    actor: str


def target_of(schemas: Schemas, table: str) -> str:
    """The table that takes the partition: itself where it has the column, else a table of its own."""
    has_column = names.AS_OF_COLUMN in schemas.contracts[table].by_name
    return table if has_column else names.as_of_table(table)


def write_as_of(
    env: Environment, schemas: Schemas, spark: SparkSession, request: AsOfRequest
) -> dict[str, int]:
    """Table → rows of its partition. Started again, it writes the same partitions.

    Raises RunError: RUN020 while a run writes the target, RUN201, RUN212 or RUN604 for a state that is gone.
    """
    return {table: _write(env, schemas, spark, request, table) for table in request.tables}


def _write(env: Environment, schemas: Schemas, spark: SparkSession, request: AsOfRequest, table: str) -> int:
    target, today = target_of(schemas, table), datetime.now(UTC).date()
    expires = today + timedelta(days=request.keep_days)
    action = {"table": table, "as_of_date": request.day.isoformat(), "target": target}
    counts: dict[str, Counts] = {}
    with (
        audited(env, VERB, action, by=request.actor, run_date=request.day, tables=counts) as run_id,
        lease(env, target, run_id) as guard,
    ):
        state = AsOf(spark, schemas.contracts[table], names.table_uri(env, table), request.day)
        uri = names.table_uri(env, target)
        rows = state.write(uri, expires, guard.check)
        if not state.in_itself:
            delete_expired(spark, uri, today, env.maintenance.retain_hours, guard.check)
        counts[target] = Counts(rows, rows)
    return rows
