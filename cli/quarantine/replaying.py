"""Asks for a replay of rejected rows, and runs it by the job that writes their table."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.operations.audit import actor
from cli.quarantine.edits import edited_lines, unchanged
from cli.quarantine.entries import Selection, entries, writer_of
from glue_jobs.aws import clients
from glue_jobs.job_types.replayable import require_replayable
from glue_jobs.observability.metrics import Metrics
from glue_jobs.s3 import S3Uri
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import quarantine_ledger as ledger
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_keys import replay_watermark

if TYPE_CHECKING:
    from cli.run.outcome import Outcome


@dataclass(frozen=True)
class Request:
    """A replay that was asked for: how many rows, and for which logical date.

    `passed_over`: ids of an edited file that were replayed or discarded before.
    """

    table: str
    id: str
    job: Job
    rows: int
    run_date: date
    passed_over: tuple[str, ...] = ()


def ask(
    env: Environment, table: str, selection: Selection, file: Path | None, run_date: date | None
) -> Request | None:
    """The request for a replay by the job that writes the table; see `write_request`."""
    job, contract = writer_of(env, table)
    return write_request(env, job, contract, selection, file, run_date)


def write_request(
    env: Environment,
    job: Job,
    contract: Contract,
    selection: Selection,
    file: Path | None = None,
    run_date: date | None = None,
) -> Request | None:
    """Writes the rows and the request into the quarantine; None where no row is left to be tried.

    The logical date is `run_date`, else the newest day of the rows.
    """
    require_replayable(contract)
    table = contract.table
    s3, name = clients(env).s3, uuid.uuid4().hex[:16]
    folder = ledger.replay_folder(env, table, name)
    days: set[str] = set()
    passed_over: list[str] = []

    lines = _lines(env, contract, selection, file, days, passed_over)
    rows = ledger.put_lines(s3, folder.child(ledger.ROWS), lines)
    if not rows:
        _forget(env, folder)
        return None
    day = run_date or date.fromisoformat(max(days))
    facts = {"replay": name, "table": table, "by": actor(env), "run_date": day.isoformat()}
    request = folder.child(ledger.REQUEST)
    body = json.dumps({**facts, "asked_at": datetime.now(UTC).isoformat(), "rows": rows}).encode()
    s3.put_object(Bucket=request.bucket, Key=request.key, Body=body)
    return Request(table, name, job, rows, day, tuple(passed_over))


def _lines(
    env: Environment,
    contract: Contract,
    selection: Selection,
    file: Path | None,
    days: set[str],
    passed_over: list[str],
) -> Iterator[dict[str, Any]]:
    """The rows of a request, of `file` or as they were; adds to their `days` and to those `passed_over`."""
    if file is None:
        for entry in entries(env, contract.table):
            if selection.takes(entry):
                days.add(entry.line.day)
                yield unchanged(entry, contract)
        return
    by_id = {entry.line.id: entry for entry in entries(env, contract.table)}
    for line in edited_lines(file, by_id, contract, passed_over):
        days.add(by_id[line["id"]].line.day)
        yield line


def execute_replay(env: Environment, request: Request, *, quiet: bool, here: bool) -> Outcome:
    """Runs the replay; what it ended as. The rows that are open then are a metric of the table."""
    from cli.run.execution import execute

    (outcome,) = execute(
        env.name,
        [request.job],
        request.run_date,
        quiet=quiet,
        here=here,
        replay=f"{request.table}/{request.id}",
    )
    if outcome.succeeded:
        emit_open(env, request.table, request.job.name)
    return outcome


def emit_open(env: Environment, table: str, job: str, *, discarded: int = 0) -> None:
    """Sends how many rows of a table are open, and how many were discarded just now."""
    metrics = Metrics(env, job)
    metrics.emit_open(table, sum(entry.state == ledger.OPEN for entry in entries(env, table)))
    metrics.emit_left_quarantine(table, discarded=discarded)
    metrics.flush()


def killed_replay(env: Environment, table: str) -> Request | None:
    """The replay that a killed run left: it is finished before another one begins."""
    job, _ = writer_of(env, table)
    state = Watermarks(env).read(replay_watermark(table))
    if not state.pending:
        return None
    name = state.pending["replay"]
    text = ledger.read_text(clients(env).s3, ledger.replay_folder(env, table, name).child(ledger.REQUEST))
    if text is None:
        return None
    facts = json.loads(text)
    return Request(table, name, job, facts["rows"], date.fromisoformat(facts["run_date"]))


def _forget(env: Environment, folder: S3Uri) -> None:
    file = folder.child(ledger.ROWS)
    clients(env).s3.delete_object(Bucket=file.bucket, Key=file.key)
