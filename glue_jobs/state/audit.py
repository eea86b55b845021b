"""The audit of runs: one row per run, created when the run starts and closed once when it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from glue_jobs.errors import RunError, error_code, first_line
from glue_jobs.observability.redact import redact
from glue_jobs.state.control_table import TOKEN, ConflictError, ControlTable, Item
from glue_jobs.state.process import process_ended, this_process
from lakehouse import __version__
from lakehouse.environments.control import AUDIT_BY_DATE, AUDIT_RECENT, KEY
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control
from lakehouse.project import project_root
from lakehouse.release import running_release

# Of an error's first line: people read it in a table cell, and DynamoDB takes no more than 400 KB.
MAX_ERROR_CHARACTERS = 500


class AuditConflictError(RunError):
    """A run was started twice under one id, or another process closed it."""

    code = "RUN040"


class Status(StrEnum):
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Counts:
    """Row counts of one table in one run."""

    rows_in: int = 0
    written: int = 0
    quarantined: int = 0
    deduplicated: int = 0

    def __str__(self) -> str:
        return (
            f"{self.rows_in} in, {self.written} written, {self.quarantined} quarantined, "
            f"{self.deduplicated} deduplicated"
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.rows_in + other.rows_in,
            self.written + other.written,
            self.quarantined + other.quarantined,
            self.deduplicated + other.deduplicated,
        )

    @property
    def balanced(self) -> bool:
        """Whether every row read was written, quarantined or deduplicated."""
        return self.rows_in == self.written + self.quarantined + self.deduplicated


@dataclass(frozen=True)
class RunRow:
    """One run. Times are ISO 8601 in UTC, to the millisecond; `run_date` is the logical date."""

    run_id: str
    job: str
    pipeline: str
    run_date: date
    batch_id: str = ""
    trace_id: str = ""
    status: Status = Status.RUNNING
    started_at: str = ""
    ended_at: str = ""
    # Start time plus the timeout of a run: a run that is still RUNNING after it is dead.
    deadline: str = ""
    process: str = ""
    tables: Mapping[str, Counts] = field(default_factory=dict)
    # Of a maintenance run: table → file counts and bytes, before and after.
    files: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    seconds: float = 0.0
    cost_estimate_usd: float = 0.0
    error_code: str = ""
    error: str = ""
    code_version: str = ""
    # The release that the run's code and facts are of: two content digests, empty on a laptop, and the git commit.
    engine: str = ""
    bundle: str = ""
    commit: str = ""

    def is_dead(self, at: datetime) -> bool:
        """Whether the row is RUNNING although its process has ended or, on another machine, its deadline has passed."""
        if self.status is not Status.RUNNING:
            return False
        ended = process_ended(self.process)
        return at > datetime.fromisoformat(self.deadline) if ended is None else ended


class Audit:
    """The audit of an environment."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._table = ControlTable(env, Control.AUDIT)

    def start(self, row: RunRow) -> RunRow:
        """Creates the row of a run, with its times, process, code version and release. Raises AuditConflictError for a known id."""
        started = datetime.now(UTC)
        release = running_release(project_root())
        row = replace(
            row,
            status=Status.RUNNING,
            started_at=_stamp(started),
            deadline=_stamp(started + timedelta(minutes=self._env.glue.timeout_minutes)),
            process=this_process(),
            code_version=row.code_version or __version__,
            engine=release.engine,
            bundle=release.bundle,
            commit=release.commit,
        )
        try:
            self._table.create(_item(row))
        except ConflictError:
            raise AuditConflictError(
                f"run {row.run_id} is in the audit already; every run has an id of its own"
            ) from None
        return row

    def finish(
        self,
        run_id: str,
        *,
        tables: Mapping[str, Counts],
        seconds: float,
        cost_estimate_usd: float,
        batch_id: str = "",
        files: Mapping[str, Mapping[str, int]] | None = None,
    ) -> RunRow:
        """Closes a run that succeeded. `seconds`: its duration on a monotonic clock. Raises AuditConflictError."""
        change = {
            "status": Status.SUCCEEDED,
            "tables": dict(tables),
            "seconds": seconds,
            "cost_estimate_usd": cost_estimate_usd,
        }
        change |= {"files": dict(files or {})}
        return self._close(run_id, change | ({"batch_id": batch_id} if batch_id else {}))

    def fail(
        self,
        run_id: str,
        error: BaseException,
        *,
        tables: Mapping[str, Counts] | None = None,
        files: Mapping[str, Mapping[str, int]] | None = None,
        seconds: float = 0.0,
        cost_estimate_usd: float = 0.0,
    ) -> RunRow:
        """Closes a run that failed, with the error's code and first line, secrets redacted. Raises AuditConflictError."""
        change = {
            "status": Status.FAILED,
            "tables": dict(tables or {}),
            "seconds": seconds,
            "cost_estimate_usd": cost_estimate_usd,
        }
        change |= {"files": dict(files or {})}
        return self._close(
            run_id,
            change
            | {"error_code": error_code(error), "error": redact(first_line(error))[:MAX_ERROR_CHARACTERS]},
        )

    def _close(self, run_id: str, change: Mapping[str, Any]) -> RunRow:
        current = self._table.get(run_id)
        if current is None:
            raise AuditConflictError(f"run {run_id} was never started")
        row = _row(current)
        if row.status is not Status.RUNNING:
            raise AuditConflictError(
                f"run {run_id} was closed as {row.status} at {row.ended_at}; a run is closed once"
            )
        row = replace(row, ended_at=_stamp(datetime.now(UTC)), **change)
        try:
            self._table.replace(current, _item(row))
        except ConflictError:
            raise AuditConflictError(f"run {run_id} was closed by another process meanwhile") from None
        return row

    def get(self, run_id: str) -> RunRow | None:
        """The row of a run; None for an unknown id."""
        item = self._table.get(run_id)
        return _row(item) if item else None

    def list(self, *, job: str | None = None, run_date: date | None = None, limit: int = 50) -> list[RunRow]:
        """The newest runs first, at most `limit`; of one job, of one logical date, or of both."""
        index, key = (
            (AUDIT_BY_DATE, ("run_date", run_date.isoformat()))
            if run_date
            else (AUDIT_RECENT, ("kind", "run"))
        )
        items: Iterator[Item] = self._table.newest(index, key, {"job": job} if job else {})
        return [_row(item) for item in islice(items, limit)]


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _item(row: RunRow) -> Item:
    values = asdict(row)
    del values["run_id"]
    return {
        **values,
        KEY: row.run_id,
        "kind": "run",
        "run_date": row.run_date.isoformat(),
        "status": str(row.status),
    }


def _row(item: Item) -> RunRow:
    values = {name: value for name, value in item.items() if name not in (KEY, TOKEN, "kind")}
    values["run_date"] = date.fromisoformat(values["run_date"])
    values["status"] = Status(values["status"])
    values["tables"] = {table: Counts(**counts) for table, counts in values["tables"].items()}
    return RunRow(run_id=item[KEY], **values)
