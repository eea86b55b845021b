"""`lakehouse jobs`, `runs` and `quarantine`: the declared jobs, the audit trail, the rejected rows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from cli.common import (
    DAY,
    EnvName,
    Json,
    as_date,
    job_names,
    live_environment,
    pipeline_names,
    print_rows,
    unknown,
)

quarantine = typer.Typer(help="Quarantined rows: rows that broke their contract.", no_args_is_help=True)


COUNTS = ("rows_in", "written", "quarantined", "deduplicated")


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
    run_date: Annotated[
        datetime | None, typer.Option(formats=DAY, help="Only those for this logical date.")
    ] = None,
    limit: Annotated[int, typer.Option(help="So many, the newest first.")] = 30,
    as_json: Json = False,
) -> None:
    """The audit trail: who ran when, how it ended, and what became of every row."""
    from datetime import UTC

    from glue_jobs.state.audit import Audit

    now = datetime.now(UTC)
    rows = []
    for r in Audit(live_environment(env)).list(job=job, run_date=as_date(run_date), limit=limit):
        total = [sum(getattr(c, n) for c in r.tables.values()) for n in COUNTS]
        state = "DEAD" if r.is_dead(now) else str(r.status)
        ended = [round(r.seconds, 1), r.cost_estimate_usd, r.run_id, f"{r.error_code} {r.error}".strip()]
        # Digests of 64 digits are for machines: a table of them could not be read.
        release = [r.engine, r.bundle, r.commit] if as_json else []
        rows.append([r.started_at[:19], r.job, r.run_date, state, *total, *ended, *release])
    columns = ["started_at", "job", "run_date", "status", *COUNTS, "seconds", "cost_usd", "run_id", "error"]
    columns += ["engine", "bundle", "commit"] if as_json else []
    print_rows("runs", columns, rows, as_json=as_json, right=[*COUNTS, "seconds", "cost_usd"])


@quarantine.command("list")
def list_quarantine(
    env: EnvName,
    table: Annotated[
        str | None, typer.Option(help="Only this table's, such as bronze.snowflake_orders.")
    ] = None,
    rows_of: Annotated[
        int, typer.Option("--rows", help="Show so many rejected rows with their reasons.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """List quarantined rows by table, day and run; `--rows` shows the rows themselves."""
    from cli.quarantine.rows import first_rows, quarantined_rows

    environment = live_environment(env)
    quarantined = quarantined_rows(environment, table)
    if rows_of:
        _print_rejected(first_rows(environment, quarantined, rows_of), as_json=as_json)
        return
    columns = ["table", "day", "run_id", "files", "bytes", "uri"]
    print_rows(
        "quarantine",
        columns,
        [[q.table, q.day, q.run_id, q.files, q.size, q.uri] for q in quarantined],
        as_json=as_json,
        right=["files", "bytes"],
    )


def _print_rejected(rejected: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rejected, ensure_ascii=False))
        return
    rows = [
        [
            r["table"],
            "; ".join(r["reasons"]),
            r.get("source_position") or r.get("raw"),
            json.dumps(r["row"], ensure_ascii=False)[:300],
        ]
        for r in rejected
    ]
    print_rows("rejected rows", ["table", "reasons", "source", "row"], rows, as_json=False)
