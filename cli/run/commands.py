"""`lakehouse run`: one job, or a whole pipeline, with live progress; as deployed, or in this process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import (
    DAY,
    EnvName,
    Here,
    Json,
    job_names,
    live_environment,
    pipeline_names,
    print_rows,
    unknown,
)
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import Job, load_pipelines
from lakehouse.pipelines.full_refresh import check_full_refresh
from lakehouse.project import project_root
from lakehouse.reading.days import fault_of_run_date
from lakehouse.reading.faults import Collector

if TYPE_CHECKING:
    from cli.run.outcome import Outcome
    from lakehouse.pipelines.backfill import BackfillWindow

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
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Make the tables of --job anew from all of their inputs.")
    ] = False,
    here: Here = False,
    param: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE: replaces a value of the job's parameters.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Start the deployed Glue jobs of a pipeline, or one job, and follow them to their end.

    In a local world without deployed jobs they run in this process, as with --here.
    A pipeline stops at the first failed gate or job; what depends on it is not run. Exit code 1 when anything
    failed.
    Started again, it goes on where it was: nothing is written twice.
    """
    jobs = choose(pipeline, job)
    if full_refresh:
        _require_refreshable(pipeline, jobs)
    outcomes = execute(
        env,
        jobs,
        run_date.date(),
        quiet=as_json,
        full_refresh=full_refresh,
        here=here,
        params=_params(param or []),
    )
    summary(outcomes, as_json)
    if any(not o.succeeded for o in outcomes):
        raise typer.Exit(1)


def _require_refreshable(pipeline: str | None, jobs: list[Job]) -> None:
    """Raises BadParameter for a pipeline, FaultsError (LK330) for a job without tables to make anew."""
    if pipeline is not None:
        raise typer.BadParameter("--full-refresh makes the tables of one job anew: name it with --job")
    faults = Collector(project_root())
    check_full_refresh(jobs[0], faults)
    faults.raise_if_any()


def _params(words: list[str]) -> dict[str, str]:
    """KEY → VALUE. Raises BadParameter for a word that is no pair, and for a key that is given twice."""
    pairs = [word.partition("=") for word in words]
    for (key, equals, _), word in zip(pairs, words, strict=True):
        if not key.strip() or not equals:
            raise typer.BadParameter(f"--param '{word}': wanted KEY=VALUE")
        if sum(other.strip() == key.strip() for other, _, _ in pairs) > 1:
            raise typer.BadParameter(f"--param {key.strip()} is given twice")
    return {key.strip(): value for key, _, value in pairs}


def execute(
    env: str,
    jobs: list[Job],
    run_date: date,
    *,
    quiet: bool,
    full_refresh: bool = False,
    here: bool = False,
    params: Mapping[str, str] | None = None,
    window: BackfillWindow | None = None,
    replay: str = "",
) -> list[Outcome]:
    """Runs the jobs in order of their dependencies: the deployed ones, or `here` in this process.

    `window`: ingests read these days of their sources again.
    Raises BadParameter where the environment lacks one, or for a date after today (RUN141), and RunError as
    `runs_here` does.
    """
    if fault := fault_of_run_date(run_date):
        raise typer.BadParameter(f"RUN141 {fault}")
    environment = live_environment(env)
    absent = [j.name for j in jobs if not j.runs_in(environment)]
    if absent:
        raise typer.BadParameter(f"{', '.join(absent)} does not run in {environment.name}")
    if params:
        # A secret or an unknown name is refused before anything starts.
        from glue_jobs.job_parameters import job_parameters

        for job in jobs:
            job_parameters(job, run_date, "", params)
    from cli.run.where import runs_here

    if not runs_here(environment, jobs, here):
        from cli.run.deployed import DeployedRequest, run_deployed

        request = DeployedRequest(run_date, full_refresh, params or {}, window, replay)
        return run_deployed(environment, jobs, request, quiet=quiet)
    if not here and not quiet:
        typer.echo(f"no job is deployed in '{env}': the run is in this process, as with --here", err=True)
    # Spark takes seconds to import, so only a run in this process imports it.
    from cli.run.waves import run_jobs

    return run_jobs(
        environment,
        jobs,
        load_schemas(),
        run_date,
        quiet=quiet,
        full_refresh=full_refresh,
        params=params,
        window=window,
        replay=replay,
    )


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
    """Prints a row per job, the warnings of all, and the errors of those that failed."""
    rows = [[o.job, o.status, *o.totals(), round(o.seconds, 1), o.cost] for o in outcomes]
    if as_json:
        print_rows(
            "jobs",
            [*COLUMNS, "warnings", "error"],
            [[*row, o.warnings, o.error] for row, o in zip(rows, outcomes, strict=True)],
            as_json=True,
        )
    else:
        print_rows("jobs", COLUMNS, rows, as_json=False, right=COLUMNS[2:])
    for o in outcomes:
        for warning in o.warnings:
            typer.echo(f"{o.job}: warning: {warning}", err=True)
        if o.error:
            typer.echo(f"{o.job}: {o.error}", err=True)
