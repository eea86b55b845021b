"""`lakehouse jobs` and `runs`: the declared jobs and the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import (
    EnvName,
    Json,
    as_date,
    day_option,
    job_names,
    live_environment,
    pipeline_names,
    print_csv,
    print_rows,
    unknown,
)

if TYPE_CHECKING:
    from glue_jobs.state.run_row import RunRow
    from lakehouse.environments import Environment

COUNTS = ("rows_in", "written", "quarantined", "deduplicated", "quarantined_files")
# Digests and what commands did: in JSON and CSV alone.
MACHINE_COLUMNS = ("engine", "bundle", "commit", "actor", "action", "unchanged")
# In the table that fits 80 columns.
SHORT_COUNTS = ("written", "quarantined")


def jobs(
    pipeline: Annotated[
        str | None, typer.Option(help="Only this pipeline's.", autocompletion=pipeline_names)
    ] = None,
    as_json: Json = False,
) -> None:
    """Every job: its schedule, the jobs it waits for, and the numbers of tables it reads and writes."""
    from lakehouse.pipelines import load_pipelines

    pipelines = load_pipelines()
    if pipeline is not None and pipeline not in pipelines:
        raise unknown("pipeline", pipeline, list(pipelines))
    columns = ["pipeline", "job", "schedule", "after", "reads", "writes", "environments", "owner"]
    rows = [
        [
            p.name,
            j.name,
            j.schedule,
            ", ".join(j.depends_on),
            len(j.reads),
            len(j.writes),
            ", ".join(j.environments),
            j.owner,
        ]
        for p in pipelines.values()
        for j in p.jobs
        if pipeline in (None, p.name)
    ]
    print_rows("jobs", columns, rows, as_json=as_json, right=["reads", "writes"])


def runs(
    env: EnvName,
    job: Annotated[str | None, typer.Option(help="Only this job's.", autocompletion=job_names)] = None,
    run_date: Annotated[datetime | None, day_option(help="Only those for this logical date.")] = None,
    limit: Annotated[int, typer.Option(help="So many, the newest first.")] = 30,
    wide: Annotated[bool, typer.Option("--wide", help="Show every column, whatever the width.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every column as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """The audit trail: who ran when, how it ended, what it warned of, and what became of every row.

    The table has what matters in 80 columns; --wide, --csv and --json have everything.
    `quarantined_files`: landing files of which no row was read. Commands that change something have rows too:
    by whom, and with --json what they did.
    """
    from glue_jobs.state.audit import Audit

    environment = live_environment(env)
    listed = Audit(environment).list(job=job, run_date=as_date(run_date), limit=limit)
    columns, rows = run_table(environment, listed, as_json=as_json or as_csv)
    if as_csv:
        print_csv(columns, rows)
        return
    if as_json or wide:
        print_rows("runs", columns, rows, as_json=as_json, right=[*COUNTS, "warnings", "seconds", "cost_usd"])
    else:
        short = [
            [
                str(row[0])[5:16].replace("T", " "),
                *row[1:3],
                _short_state(run, row[3]),
                *(row[columns.index(n)] for n in SHORT_COUNTS),
            ]
            for run, row in zip(listed, rows, strict=True)
        ]
        names = ["started", *columns[1:4], *SHORT_COUNTS]
        print_rows("", names, short, as_json=False, right=SHORT_COUNTS)
    if not as_json:
        _print_messages(listed, errors=not wide)


def _short_state(run: RunRow, state: object) -> object:
    return "UNCHANGED" if state == "SUCCEEDED" and run.all_unchanged else state


def _print_messages(runs: Sequence[RunRow], *, errors: bool) -> None:
    """Prints the warnings of the runs, and their errors where no table has shown these."""
    for run in runs:
        for warning in run.warnings:
            typer.echo(f"{run.job} {run.run_id}: warning: {warning}")
        if errors and run.error:
            typer.echo(f"{run.job} {run.run_id}: {error_line(run)}")


def error_line(row: RunRow) -> str:
    """The error of a run with its code, once."""
    return row.error if row.error.startswith(row.error_code) else f"{row.error_code} {row.error}"


def run_table(
    environment: Environment, runs: Sequence[RunRow], *, as_json: bool
) -> tuple[list[str], list[list[object]]]:
    """(columns, a row per run). JSON has the texts of warnings and the release; a table their number."""
    from datetime import UTC

    from glue_jobs.state.lease import holds_lease

    now, holds = datetime.now(UTC), partial(holds_lease, environment)
    rows: list[list[object]] = []
    for r in runs:
        total = [sum(getattr(c, n) for c in r.tables.values()) for n in COUNTS]
        state = "DEAD" if r.is_dead(now, holds) else str(r.status)
        warned: object = list(r.warnings) if as_json else len(r.warnings)
        ended = [round(r.seconds, 1), r.cost_estimate_usd, r.run_id, error_line(r)]
        # Digests of 64 digits are for machines: a table of them could not be read.
        release = (
            [r.engine, r.bundle, r.commit, r.actor, dict(r.action), dict(r.unchanged)] if as_json else []
        )
        rows.append([r.started_at[:19], r.job, r.run_date, state, *total, warned, *ended, *release])
    columns = ["started_at", "job", "run_date", "status", *COUNTS, "warnings", "seconds", "cost_usd"]
    columns += [
        "run_id",
        "error",
        *(["engine", "bundle", "commit", "actor", "action", "unchanged"] if as_json else []),
    ]
    if not as_json and any(r.actor for r in runs):
        columns, rows = [*columns, "by"], [[*row, r.actor] for row, r in zip(rows, runs, strict=True)]
    return columns, rows
