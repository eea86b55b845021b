"""Runs jobs in the order of their dependencies: the deployed ones, or here in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import typer

from cli.common import live_environment
from cli.progress import tell
from lakehouse.contracts import load_schemas
from lakehouse.pipelines import Job
from lakehouse.reading.days import fault_of_run_date

if TYPE_CHECKING:
    from cli.run.outcome import Outcome
    from cli.run.request import JobsRequest
    from lakehouse.environments import Environment
    from lakehouse.pipelines.backfill import BackfillWindow


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
    force: Sequence[str] = (),
    rewind: str = "",
    whole: bool = False,
) -> list[Outcome]:
    """Runs the jobs in order of their dependencies: the deployed ones, or `here` in this process.

    `window`: ingests read these days of their sources again. `force`, `rewind`, `whole`: see
    JobsRequest.
    Raises BadParameter where the environment lacks one, or for a date after today (RUN141), and RunError as
    `runs_here` does.
    """
    from cli.run.request import JobsRequest
    from cli.run.where import runs_here

    request = JobsRequest(
        run_date, full_refresh, params or {}, window, replay, tuple(force), rewind, whole=whole
    )
    environment = _environment(env, jobs, request)
    if not runs_here(environment, jobs, here):
        from cli.run.deployed import run_deployed

        return run_deployed(environment, jobs, request, quiet=quiet)
    if not here and not quiet:
        tell(f"no job is deployed in '{env}': the run is in this process, as with --here")
    # Spark takes seconds to import, so only a run in this process imports it.
    from cli.run.waves import run_jobs

    return run_jobs(environment, jobs, load_schemas(), request, quiet=quiet)


def _environment(env: str, jobs: list[Job], request: JobsRequest) -> Environment:
    """The environment, when it can take the runs: also no parameter is a secret, before anything starts."""
    if fault := fault_of_run_date(request.run_date):
        raise typer.BadParameter(f"RUN141 {fault}")
    environment = live_environment(env)
    absent = [j.name for j in jobs if not j.runs_in(environment)]
    if absent:
        raise typer.BadParameter(f"{', '.join(absent)} does not run in {environment.name}")
    if request.params:
        from glue_jobs.job_parameters import job_parameters

        for job in jobs:
            job_parameters(job, request.run_date, "", request.params)
    return environment
