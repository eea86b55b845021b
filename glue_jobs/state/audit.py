"""The audit of runs: one row per run, created when the run starts and closed once when it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from glue_jobs.errors import RunError, error_code, first_line
from glue_jobs.observability.redact import redact
from glue_jobs.state.control_table import ConflictError, ControlTable, Item
from glue_jobs.state.process import this_process
from glue_jobs.state.run_row import Counts, RunRow, Status, from_item, to_item
from lakehouse import __version__
from lakehouse.environments.control import AUDIT_BY_DATE, AUDIT_RECENT
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control
from lakehouse.project import project_root
from lakehouse.release import running_release

__all__ = ["Audit", "AuditConflictError", "Counts", "RunRow", "Status"]

# Of an error's first line: people read it in a table cell, and DynamoDB takes no more than 400 KB.
MAX_ERROR_CHARACTERS = 500
# The log has all of them.
MAX_WARNINGS = 50


class AuditConflictError(RunError):
    """A run was started twice under one id, or another process closed it."""

    code = "RUN040"


class Audit:
    """The audit of an environment."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._table = ControlTable(env, Control.AUDIT)

    def start(self, row: RunRow) -> RunRow:
        """Creates the row of a run, with its times, process, code version and release.

        Raises AuditConflictError for a known id.
        """
        started = datetime.now(UTC)
        release = running_release(project_root())
        deadline = started + timedelta(minutes=self._env.glue.timeout_minutes)
        row = replace(
            row,
            status=Status.RUNNING,
            started_at=_stamp(started),
            deadline="" if row.alive_by else _stamp(deadline),
            process=this_process(),
            code_version=row.code_version or __version__,
            engine=release.engine,
            bundle=release.bundle,
            commit=release.commit,
        )
        try:
            self._table.create(to_item(row))
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
        warnings: Sequence[str] = (),
        unchanged: Mapping[str, str] | None = None,
    ) -> RunRow:
        """Closes a run that succeeded. `seconds`: its duration on a monotonic clock.

        Raises AuditConflictError.
        """
        change = {
            "status": Status.SUCCEEDED,
            "tables": dict(tables),
            "seconds": seconds,
            "cost_estimate_usd": cost_estimate_usd,
        }
        change |= {"files": dict(files or {}), "warnings": _shortened(warnings)}
        change |= {"unchanged": dict(unchanged or {})}
        return self._close(run_id, change | ({"batch_id": batch_id} if batch_id else {}))

    def fail(
        self,
        run_id: str,
        error: BaseException,
        *,
        tables: Mapping[str, Counts] | None = None,
        files: Mapping[str, Mapping[str, int]] | None = None,
        warnings: Sequence[str] = (),
        seconds: float = 0.0,
        cost_estimate_usd: float = 0.0,
    ) -> RunRow:
        """Closes a run that failed, with the error's code and first line, secrets redacted.

        Raises AuditConflictError.
        """
        change = {
            "status": Status.FAILED,
            "tables": dict(tables or {}),
            "seconds": seconds,
            "cost_estimate_usd": cost_estimate_usd,
        }
        change |= {"files": dict(files or {}), "warnings": _shortened(warnings)}
        return self._close(
            run_id,
            change
            | {"error_code": error_code(error), "error": redact(first_line(error))[:MAX_ERROR_CHARACTERS]},
        )

    def _close(self, run_id: str, change: Mapping[str, Any]) -> RunRow:
        current = self._table.get(run_id)
        if current is None:
            raise AuditConflictError(f"run {run_id} was never started")
        row = from_item(current)
        if row.status is not Status.RUNNING:
            raise AuditConflictError(
                f"run {run_id} was closed as {row.status} at {row.ended_at}; a run is closed once"
            )
        row = replace(row, ended_at=_stamp(datetime.now(UTC)), **change)
        try:
            self._table.replace(current, to_item(row))
        except ConflictError:
            raise AuditConflictError(f"run {run_id} was closed by another process meanwhile") from None
        return row

    def get(self, run_id: str) -> RunRow | None:
        """The row of a run; None for an unknown id."""
        item = self._table.get(run_id)
        return from_item(item) if item else None

    def list(self, *, job: str | None = None, run_date: date | None = None, limit: int = 50) -> list[RunRow]:
        """The newest runs first, at most `limit`; of one job, of one logical date, or of both."""
        index, key = (
            (AUDIT_BY_DATE, ("run_date", run_date.isoformat()))
            if run_date
            else (AUDIT_RECENT, ("kind", "run"))
        )
        items: Iterator[Item] = self._table.newest(index, key, {"job": job} if job else {})
        return [from_item(item) for item in islice(items, limit)]


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _shortened(warnings: Sequence[str]) -> tuple[str, ...]:
    return tuple(redact(text)[:MAX_ERROR_CHARACTERS] for text in warnings[:MAX_WARNINGS])
