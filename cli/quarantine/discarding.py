"""Discards rejected rows and files: they stay where they are, with who discarded them, when and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cli.operations.audit import actor
from cli.quarantine.entries import Selection, entries
from cli.quarantine.replaying import emit_open
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.state.lease import lease
from glue_jobs.state.operations import audited
from glue_jobs.state.run_row import Counts
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import quarantine_ledger as ledger
from lakehouse.environments import Environment
from lakehouse.pipelines.job_keys import replay_watermark

DISCARD = "quarantine_discard"


def discard_rows(env: Environment, table: str, selection: Selection, reason: str) -> int:
    """Discards the open rows of the selection under an audit row of its own; returns how many.

    Raises RunError: RUN633 while a replay of the table that was killed waits to be finished.
    """
    tables: dict[str, Counts] = {}
    action = {"table": table, "reason": reason}
    with (
        audited(env, DISCARD, action, by=actor(env), tables=tables) as run_id,
        lease(env, table, run_id) as guard,
    ):
        if Watermarks(env).read(replay_watermark(table)).pending:
            raise RunError(
                f"{table}: a replay was killed before its end, and its rows may be in the table; finish "
                f"it first: `lakehouse quarantine replay --env {env.name} --table {table}`",
                code="RUN633",
            )
        guard.check()
        file = ledger.discard_file(env, table, run_id)
        rows = ledger.put_lines(clients(env).s3, file, _lines(env, table, selection, reason))
        tables[table] = Counts(discarded=rows)
    emit_open(env, table, DISCARD, discarded=rows)
    return rows


def _lines(env: Environment, table: str, selection: Selection, reason: str) -> Iterator[dict[str, Any]]:
    by, at = actor(env), datetime.now(UTC).isoformat()
    for entry in entries(env, table):
        if selection.takes(entry):
            yield {"id": entry.line.id, "reason": reason, "by": by, "at": at}
