"""`lakehouse jobs` and `runs`: the declared jobs and the audit trail."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated

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
    """The audit trail: who ran when, how it ended, and what became of every row.

    Commands that change something have rows too: by whom, and with --json what they did.
    """
    from datetime import UTC

    from glue_jobs.state.audit import Audit
    from glue_jobs.state.lease import holds_lease

    now, environment = datetime.now(UTC), live_environment(env)
    held = partial(holds_lease, environment)
    rows: list[list[object]] = []
    actors: list[str] = []
    for r in Audit(environment).list(job=job, run_date=as_date(run_date), limit=limit):
        total = [sum(getattr(c, n) for c in r.tables.values()) for n in COUNTS]
        state = "DEAD" if r.is_dead(now, held) else str(r.status)
        ended = [round(r.seconds, 1), r.cost_estimate_usd, r.run_id, f"{r.error_code} {r.error}".strip()]
        # Digests of 64 digits are for machines: a table of them could not be read.
        release = [r.engine, r.bundle, r.commit, r.actor, dict(r.action)] if as_json else []
        actors.append(r.actor)
        rows.append([r.started_at[:19], r.job, r.run_date, state, *total, *ended, *release])
    columns = ["started_at", "job", "run_date", "status", *COUNTS, "seconds", "cost_usd", "run_id", "error"]
    columns += ["engine", "bundle", "commit", "actor", "action"] if as_json else []
    if not as_json and any(by for by in actors):
        columns, rows = [*columns, "by"], [[*row, by] for row, by in zip(rows, actors, strict=True)]
    print_rows("runs", columns, rows, as_json=as_json, right=[*COUNTS, "seconds", "cost_usd"])
