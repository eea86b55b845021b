"""Versions of a Delta table: which one is meant, and the table as it was then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from cli.tables.storage import storage_options
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names
from lakehouse.reading.days import day_of

if TYPE_CHECKING:
    from deltalake import DeltaTable


@dataclass(frozen=True)
class At:
    """A state of a table: of a version, or the newest one of a moment; by default the newest of all."""

    version: int | None = None
    moment: datetime | None = None

    @classmethod
    def end_of(cls, day: date) -> At:
        """The state at the end of a day in UTC."""
        return cls(moment=datetime.combine(day + timedelta(days=1), time(0), UTC) - timedelta(microseconds=1))

    @classmethod
    def parse(cls, text: str) -> At:
        """A version (`12`), a day (`2017-01-31`, its end), or an ISO 8601 moment; UTC without an offset.

        Raises RunError (RUN604).
        """
        if text.isdecimal():
            return cls(version=int(text))
        if day := day_of(text):
            return cls.end_of(day)
        return cls(moment=moment_of(text))


def moment_of(text: str) -> datetime:
    """An ISO 8601 moment, UTC without an offset. Raises RunError (RUN604)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RunError(
            f"'{text}' is no version and no time; wanted 12, 2017-01-31 or 2017-01-31T10:00:00+00:00",
            code="RUN604",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Commit:
    """One version of a table. `batch_id` is the batch that wrote it, or the run of a command."""

    version: int
    at: datetime
    operation: str
    metrics: dict[str, Any]
    batch_id: str

    @property
    def rows(self) -> tuple[int | None, int | None]:
        """(rows added, rows deleted) by the engine's own metrics; None where it states none."""
        added = _first(self.metrics, "numTargetRowsInserted", "numOutputRows", "num_added_rows", "numRecords")
        gone = _first(self.metrics, "numTargetRowsDeleted", "numDeletedRows", "num_deleted_rows")
        return added, gone


def open_table(env: Environment, table: str, version: int | None = None) -> DeltaTable:
    """A table of the lake. Raises RunError: RUN201 where there is none, RUN604 for its version."""
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, TableNotFoundError

    uri = names.table_uri(env, table)
    try:
        opened = DeltaTable(uri, storage_options=storage_options(env))
    except TableNotFoundError:
        raise RunError(f"there is no table {table} at {uri}", code="RUN201") from None
    if version is None:
        return opened
    try:
        opened.load_as_version(version)
    except (DeltaError, ValueError):
        raise _no_version(env, table, f"version {version}") from None
    if opened.version() != version:
        raise _no_version(env, table, f"version {version}")
    return opened


def version_at(env: Environment, table: str, at: At) -> int:
    """The version that a state is of. Raises RunError: RUN604 when the log has none so old, RUN201."""
    newest = open_table(env, table)
    if at.version is not None:
        return open_table(env, table, at.version).version()
    if at.moment is None:
        return newest.version()
    for commit in commits(newest):
        if commit.at <= at.moment:
            return commit.version
    raise _no_version(env, table, f"state of {at.moment.isoformat(timespec='seconds')}")


def commits(table: DeltaTable, limit: int | None = None) -> Iterator[Commit]:
    """The versions that the log still describes, the newest first.

    By the time that the writer states: that of a file in S3 is another one after a copy.
    """
    for entry in table.history(limit):
        metrics = entry.get("operationMetrics") or {}
        yield Commit(
            int(entry["version"]),
            datetime.fromtimestamp(int(entry.get("timestamp") or 0) / 1000, UTC),
            str(entry.get("operation") or ""),
            dict(metrics),
            str(entry.get("userMetadata") or ""),
        )


def _no_version(env: Environment, table: str, state: str) -> RunError:
    existing = list(commits(open_table(env, table)))
    newest, oldest = existing[0], existing[-1]
    return RunError(
        f"{table} has no {state}: its log has versions {oldest.version} ({oldest.at:%Y-%m-%d %H:%M:%S} UTC) "
        f"to {newest.version}; `lakehouse table history --env {env.name} {table}` lists them",
        code="RUN604",
    )


def _first(metrics: dict[str, Any], *keys: str) -> int | None:
    return next((int(metrics[key]) for key in keys if str(metrics.get(key, "")).isdecimal()), None)
