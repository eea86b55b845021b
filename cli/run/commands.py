"""`lakehouse run`: one job, or a whole pipeline in one session, with live progress."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import DAY, EnvName, Json, job_names, live_environment, pipeline_names, print_rows, unknown
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import Job, load_pipelines

if TYPE_CHECKING:
    from cli.run.waves import Outcome

COLUMNS = ["job", "status", "rows in", "written", "quarantined", "deduplicated", "seconds", "Glue cost (USD)"]


def run(
    env: EnvName,
    run_date: Annotated[
        datetime, typer.Option(formats=DAY, help="The logical date: what the run calls today.")
    ],
    pipeline: Annotated[
        str | None,
        typer.Option(help="Run all jobs of this pipeline, in order.", autocompletion=pipeline_names),
    ] = None,
    job: Annotated[str | None, typer.Option(help="Run this job alone.", autocompletion=job_names)] = None,
    as_json: Json = False,
) -> None:
    """Run a pipeline or a job on this machine, against the chosen world.

    A pipeline stops at the first failed gate or job; what depends on it is not run. Exit code 1 when anything
    failed.
    Started again, it goes on where it was: nothing is written twice.
    """
    outcomes = execute(env, choose(pipeline, job), run_date.date(), quiet=as_json)
    summary(outcomes, as_json)
    if any(o.error for o in outcomes):
        raise typer.Exit(1)


def execute(env: str, jobs: list[Job], run_date: date, *, quiet: bool) -> list[Outcome]:
    """Runs the jobs in order of their dependencies. Raises BadParameter where the environment lacks one."""
    environment = live_environment(env)
    absent = [j.name for j in jobs if not j.runs_in(environment)]
    if absent:
        raise typer.BadParameter(f"{', '.join(absent)} does not run in {environment.name}")
    # Spark takes seconds to import, so only this command imports it.
    from cli.run.waves import run_jobs

    return run_jobs(environment, jobs, load_schemas(), run_date, quiet=quiet)


def choose(pipeline: str | None, job: str | None) -> list[Job]:
    """The jobs of a pipeline, or one job. Raises BadParameter unless exactly one is named and exists."""
    pipelines = load_pipelines()
    if (pipeline is None) == (job is None):
        raise typer.BadParameter("name either --pipeline or --job")
    if pipeline is not None:
        if pipeline not in pipelines:
            raise unknown("pipeline", pipeline, list(pipelines))
        return list(pipelines[pipeline].jobs)
    by_name = {j.name: j for p in pipelines.values() for j in p.jobs}
    if job not in by_name:
        raise unknown("job", str(job), list(by_name))
    return [by_name[job]]


def summary(outcomes: list[Outcome], as_json: bool) -> None:
    """Prints a row per job, and the errors of those that failed."""
    rows = [[o.job, o.status, *o.totals(), round(o.seconds, 1), o.cost] for o in outcomes]
    if as_json:
        print_rows(
            "jobs",
            [*COLUMNS, "error"],
            [[*row, o.error] for row, o in zip(rows, outcomes, strict=True)],
            as_json=True,
        )
    else:
        print_rows("jobs", COLUMNS, rows, as_json=False, right=COLUMNS[2:])
    for o in outcomes:
        if o.error:
            typer.echo(f"{o.job}: {o.error}", err=True)
