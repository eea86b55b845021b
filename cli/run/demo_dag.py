"""Runs the demo's pipeline as it is deployed: the environment's own Airflow runs its DAG."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date

import typer

from cli.run.airflow_api import ENDED, AirflowApi
from cli.run.outcome import Outcome
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit, RunRow
from lakehouse.environments import Environment
from lakehouse.pipelines import Job, load_pipelines
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector

_LOOK_SECONDS = 2.0
_DAG_SECONDS = 120
_SUCCESS = "success"
# States in which a task has not begun, or only rests between two looks at its Glue run.
_QUIET = ("None", "scheduled", "queued", "deferred")


def dags_of(env: Environment, jobs: Sequence[Job]) -> list[str]:
    """The ids of the DAGs that run the jobs."""
    from lakehouse.orchestration.plan import plan

    names = {job.name for job in jobs}
    specs = plan(env, load_pipelines().values(), Collector(project_root()))
    return [spec.dag_id for spec in specs if names & {task.job.name for task in spec.tasks}]


def run_dags(env: Environment, jobs: Sequence[Job], day: date) -> list[Outcome]:
    """Trigger the DAGs of the jobs for a day and watch them to their end.

    Raises RunError: RUN691 when Airflow refuses a call, RUN692 when a DAG run fails.
    """
    airflow, dag_ids = AirflowApi(env), dags_of(env, jobs)
    airflow.wait_until_ready()
    _wait_until_read(airflow, dag_ids)
    for dag_id in dag_ids:
        airflow.unpause(dag_id)
        typer.echo(f"{dag_id} is triggered for {day}")
    runs = {dag_id: airflow.trigger(dag_id, day) for dag_id in dag_ids}
    for dag_id, run_id in runs.items():
        _watch(airflow, dag_id, run_id, day)
    return [_outcome(env, job, day) for job in jobs]


def _wait_until_read(airflow: AirflowApi, dag_ids: Sequence[str]) -> None:
    """Airflow's web server answers before its DAG processor has read the folder."""
    deadline = time.monotonic() + _DAG_SECONDS
    while missing := set(dag_ids) - {dag["dag_id"] for dag in airflow.dags()}:
        if time.monotonic() > deadline:
            raise RunError(f"Airflow has not read the DAGs {', '.join(sorted(missing))}", code="RUN691")
        time.sleep(_LOOK_SECONDS)


def _watch(airflow: AirflowApi, dag_id: str, run_id: str, day: date) -> None:
    """Print each task that begins or ends. Raises RunError (RUN692) for a run that fails."""
    started, states = time.monotonic(), dict[str, str]()
    while True:
        state, tasks = airflow.run_state(dag_id, run_id), airflow.tasks(dag_id, run_id)
        for task, now in tasks.items():
            if now not in _QUIET and states.get(task) != now:
                states[task] = now
                typer.echo(f"{time.monotonic() - started:6.0f} s  {task}: {now}")
        if state in ENDED:
            break
        time.sleep(_LOOK_SECONDS)
    failed = [f"{task}: {now}" for task, now in tasks.items() if now != _SUCCESS]
    if state != _SUCCESS or failed:
        raise RunError(f"{dag_id} for {day}: {state}; {', '.join(failed)}", code="RUN692")


def _outcome(env: Environment, job: Job, day: date) -> Outcome:
    """What the job's newest run of the day has written to the audit."""
    row: RunRow | None = next(iter(Audit(env).list(job=job.name, run_date=day, limit=1)), None)
    if row is None:
        return Outcome(job.name, "failed", error="its run is not in the audit")
    return Outcome(
        job.name,
        "done",
        counts=dict(row.tables),
        seconds=row.seconds,
        cost=row.cost_estimate_usd,
        warnings=list(row.warnings),
        tables=list(row.tables),
        unchanged=dict(row.unchanged),
    )
