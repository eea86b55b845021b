"""What the commands of the quarantine do, and what they say of it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import typer

from cli.common import print_rows, unknown
from cli.operations.audit import actor
from cli.quarantine.discarding import DISCARD, discard_rows
from cli.quarantine.entries import Selection, entries, tables_with_rows, writer_of
from cli.quarantine.exchange import write_csv, write_jsonl
from cli.quarantine.files import decision_of, discard_file, replay_file
from cli.quarantine.listing import chosen_file
from cli.quarantine.replaying import Request, ask, execute_replay, killed_replay
from glue_jobs.state.audit import Counts
from glue_jobs.state.operations import audited
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables.quarantined_files import QuarantinedFile
from lakehouse.environments import Environment

_WRITERS = {".jsonl": write_jsonl, ".csv": write_csv}
# Of ids that a message names.
_SHOWN = 3


def selection(ids: list[str] | None, run_id: str, rule: str, day: datetime | None) -> Selection:
    """The open rows that options choose."""
    return Selection(tuple(ids or ()), run_id, day.date().isoformat() if day else "", rule)


def export(env: Environment, table: str, chosen: Selection, out: Path) -> None:
    """Writes open rows to a new file. Raises BadParameter for another ending, and for a file that exists."""
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise typer.BadParameter(f"--out {out}: its name ends in .jsonl or .csv")
    if out.exists():
        raise typer.BadParameter(f"--out {out} exists, and may hold edited rows; name another file")
    _, contract = writer_of(env, table)
    number = write(out, (e for e in entries(env, table) if chosen.takes(e)), contract)
    typer.echo(f"{out}: {number} rows of {table}")
    if number:
        typer.echo(
            f"next: lakehouse quarantine replay --env {env.name} --table {table} --file {out}", err=True
        )


def replay_rows(
    env: Environment,
    table: str,
    chosen: Selection,
    file: Path | None,
    run_date: date | None,
    *,
    here: bool,
    as_json: bool,
) -> None:
    """Runs the replay that a killed run left, and then the one that is asked for."""
    _require_ids(env, table, chosen)
    killed = killed_replay(env, table)
    if killed:
        typer.echo(f"{table}: a replay of {killed.rows} rows was killed, and is finished first", err=True)
        _run(env, killed, here=here, as_json=as_json)
    request = ask(env, table, chosen, file, run_date)
    if request is None:
        typer.echo(f"{table}: no row that is open was chosen", err=True)
        return
    if request.passed_over:
        shown = ", ".join(request.passed_over[:_SHOWN])
        typer.echo(f"{len(request.passed_over)} rows are not open any more and are left: {shown}…", err=True)
    _run(env, request, here=here, as_json=as_json)


def _run(env: Environment, request: Request, *, here: bool, as_json: bool) -> None:
    outcome = execute_replay(env, request, quiet=as_json, here=here)
    counts = outcome.counts.get(request.table, Counts())
    row = [request.table, request.id, outcome.status, request.rows, counts.replayed, counts.written]
    columns = ["table", "replay", "status", "tried", "replayed", "written"]
    print_rows("replay", columns, [row], as_json=as_json, right=columns[3:])
    for warning in outcome.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if not outcome.succeeded:
        typer.echo(outcome.error, err=True)
        raise typer.Exit(1)


def _require_ids(env: Environment, table: str, chosen: Selection) -> None:
    """Raises BadParameter for an id of no row: a typing error would else choose nothing, in silence."""
    if not chosen.ids:
        return
    ids = [entry.line.id for entry in entries(env, table)]
    other = next((name for name in chosen.ids if name not in ids), None)
    if other is not None:
        raise unknown("row", other, ids[:_SHOWN])


def discard(env: Environment, table: str, chosen: Selection, reason: str) -> None:
    """Discards open rows and says how many."""
    if table not in tables_with_rows(env):
        raise unknown("table with rejected rows", table, tables_with_rows(env))
    _require_ids(env, table, chosen)
    typer.echo(f"{table}: {discard_rows(env, table, chosen, reason)} rows discarded")


def replay_landing_file(env: Environment, name: str) -> None:
    """Drops a landing file again, once."""
    file = _one(env, name)
    before = decision_of(env, file)
    if before.state != ledger.OPEN:
        typer.echo(f"{file.file} is {before.state} since {before.at[:19]}: {before.to or before.reason}")
        return
    action = {"file": file.file, "id": file.id}
    counts = {file.table: Counts(replayed_files=1)}
    with audited(env, "quarantine_replay", action, by=actor(env), tables=counts):
        decision = replay_file(env, file)
    typer.echo(f"{decision.to}: the next run of {writer_of(env, file.table)[0].name} reads it")


def discard_landing_file(env: Environment, name: str, reason: str) -> None:
    """Discards a landing file that is open."""
    file = _one(env, name)
    before = decision_of(env, file)
    if before.state != ledger.OPEN:
        raise typer.BadParameter(f"{file.file} is {before.state} since {before.at[:19]}")

    action = {"file": file.file, "id": file.id, "reason": reason}
    counts = {file.table: Counts(discarded_files=1)}
    with audited(env, DISCARD, action, by=actor(env), tables=counts):
        discard_file(env, file, reason)
    typer.echo(f"{file.file}: discarded")


def _one(env: Environment, name: str) -> QuarantinedFile:
    files = chosen_file(env, name)
    if len(files) > 1:
        raise typer.BadParameter(f"'{name}' names {len(files)} files: {', '.join(f.id for f in files)}")
    return files[0]
