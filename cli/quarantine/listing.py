"""Shows what lies in quarantine, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from itertools import islice
from typing import Any

import typer

from cli.common import print_rows, unknown
from cli.quarantine.entries import contracts_by_table, entries, tables_with_rows
from cli.quarantine.exchange import cell
from cli.quarantine.files import decision_of, quarantined_files
from cli.quarantine.rows import quarantined_rows
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables.quarantined_files import QuarantinedFile
from glue_jobs.tables.quarantined_lines import exact_json
from lakehouse.environments import Environment

_ALL = "all"
_STATES = (ledger.OPEN, ledger.REPLAYED, ledger.DISCARDED, _ALL)


def print_folders(env: Environment, table: str | None, *, as_json: bool) -> None:
    """A line for each run's rejected rows of a table, and for each landing file.

    JSON has all facts of both; people see a table of rows, and one of files where there are some.
    """
    rows: list[list[Any]] = [
        [q.table, q.day, q.run_id, q.files, q.size, q.uri] for q in quarantined_rows(env, table)
    ]
    files: list[list[Any]] = [
        [f.table, f.run_date, f.file, f.reason, decision_of(env, f).state, f.run_id, f.size, f.copy]
        for f in quarantined_files(env, table)
    ]
    if as_json:
        columns = ["table", "day", "run_id", "files", "bytes", "uri", "landing_file", "reason", "state"]
        both = [[*row, None, None, None] for row in rows]
        both += [[of, day, run, 1, size, copy, *file] for of, day, *file, run, size, copy in files]
        print_rows("quarantine", columns, both, as_json=True, right=["files", "bytes"])
        return
    if rows or not files:
        columns = ["table", "day", "run_id", "files", "bytes"]
        print_rows("rejected rows", columns, [r[:5] for r in rows], as_json=False, right=columns[3:])
    if files:
        columns = ["table", "day", "landing_file", "reason", "state"]
        print_rows("landing files", columns, [f[:5] for f in files], as_json=False)


def print_books(env: Environment, table: str | None, *, as_json: bool) -> None:
    """For each table quarantined = open + replayed + discarded, of rows and of files."""
    files: dict[str, Counter[str]] = {}
    for file in quarantined_files(env, table):
        files.setdefault(file.table, Counter())[decision_of(env, file).state] += 1
    rows = []
    for name in [table] if table else sorted({*tables_with_rows(env), *files}):
        states = Counter(entry.state for entry in entries(env, name))
        for unit, counted in (("rows", states), ("files", files.get(name, Counter[str]()))):
            if counted or unit == "rows":
                rows.append([name, unit, counted.total(), *(counted[state] for state in _STATES[:3])])
    columns = ["table", "unit", "quarantined", *_STATES[:3]]
    print_rows("quarantine", columns, rows, as_json=as_json, right=columns[2:])


def print_entries(env: Environment, table: str | None, state: str, most: int, *, as_json: bool) -> None:
    """The first rows of a state with their whole JSON."""
    if state not in _STATES:
        raise unknown("state", state, _STATES)
    tables = [table] if table else tables_with_rows(env)
    contracts = contracts_by_table(env, tables)
    chosen = (entry for name in tables for entry in entries(env, name) if state in (_ALL, entry.state))
    facts = [entry.facts(contracts.get(entry.line.table)) for entry in islice(chosen, most)]
    if as_json:
        typer.echo(exact_json(facts))
        return
    columns = ["id", "table", "reasons", "source", "row"]
    rows = [
        [f["id"], f["table"], "; ".join(f["reasons"]), f["source"], f["raw"] or exact_json(f["row"])]
        for f in facts
    ]
    print_rows("rejected rows", columns, rows, as_json=False)
    if rows:
        typer.echo("next: lakehouse quarantine export | replay | discard --help", err=True)


def chosen_file(env: Environment, name: str) -> list[QuarantinedFile]:
    """The quarantined files of a URI, an id or an end of a name. Raises BadParameter for none."""
    files = quarantined_files(env)
    chosen = [f for f in files if f.id == name or f.file.endswith(name)]
    if not chosen:
        raise unknown("quarantined file", name, [f.file for f in files])
    return chosen


def print_file(env: Environment, name: str, *, as_json: bool) -> None:
    """What is known of a landing file, and the command that reads it again."""
    command = f"lakehouse quarantine replay --env {env.name} --landing-file"
    facts = []
    for file in chosen_file(env, name):
        decision = asdict(decision_of(env, file))
        discarded = {"discarded": decision.pop("reason")}
        facts.append(
            {"id": file.id, **asdict(file), **decision, **discarded, "replay": f"{command} {file.id}"}
        )
    if as_json:
        typer.echo(exact_json(facts))
        return
    for one in facts:
        print_rows(str(one["file"]), ["fact", "value"], [[k, cell(v)] for k, v in one.items()], as_json=False)
