"""Makes every DAG of Airflow."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.sdk import DAG, Param, get_parsing_context

from lakehouse.environments import Environment
from lakehouse.orchestration.plan import BACKFILL
from lakehouse.orchestration.specs import DagSpec, FaultSpec, TaskSpec, Wait
from mwaa_dags import docs, tasks
from mwaa_dags.airflow_api import CronTriggerTimetable
from mwaa_dags.alerts import failure_callback
from mwaa_dags.backfill_operator import Backfill
from mwaa_dags.load import Loaded, load
from mwaa_dags.operators import Fault

if TYPE_CHECKING:
    from lakehouse.pipelines.model import Job

# Before the oldest day of any backfill. Airflow catches up nothing from here, because the next run also reads
# the rows of a missed run.
START = datetime(2015, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DAILY = "0 0 * * *"


def all_dags() -> dict[str, Any]:
    """dag_id → DAG. A worker that parses for one task gets only that task's DAG."""
    loaded = load(environment_name())
    only = get_parsing_context().dag_id
    dags = {spec.dag_id: fault(loaded.env, spec) for spec in loaded.faults if only in (None, spec.dag_id)}
    if loaded.env is None:
        return dags
    dags |= {
        spec.dag_id: _dag_or_fault(loaded.env, spec) for spec in loaded.dags if only in (None, spec.dag_id)
    }
    return {**dags, BACKFILL: backfill(loaded.env, loaded)} if only in (None, BACKFILL) else dags


def _dag_or_fault(env: Environment, spec: DagSpec) -> DAG:
    """The DAG, or a fault DAG in its place when Airflow refuses it, so that all other DAGs stay."""
    try:
        return batch(env, spec) if spec.kind == "batch" else streaming(env, spec)
    except Exception as error:
        lines = (f"Airflow refuses it: {error!r}",)
        return fault(env, FaultSpec(spec.dag_id, spec.display_name, spec.pipeline, lines))


def environment_name() -> str:
    """LAKEHOUSE_ENV, which MWAA's startup script sets, or Airflow's option lakehouse.env; no default."""
    return os.environ.get("LAKEHOUSE_ENV") or str(conf.get("lakehouse", "env", fallback=""))


def batch(env: Environment, spec: DagSpec) -> DAG:
    """A DAG with a task per job, a wait per job of another DAG, and an SLA check at the end."""
    params = {"run_date": _day_param("The day to run for; empty: that of the logical date")}
    with _dag(env, spec, params) as dag:
        # Several jobs may wait for the same one; the first job's owner owns the wait.
        owners = {wait: task.job.owner for task in reversed(spec.tasks) for wait in task.waits}
        waits = {wait: tasks.wait_for(env, spec.schedule, wait, owner) for wait, owner in owners.items()}
        jobs = _fused(env, spec, spec.fused, waits) if spec.fused else _single(env, spec, waits)
        followed = {name for task in spec.tasks for name in task.after}
        tasks.check_sla(env, spec).set_upstream([jobs[name] for name in jobs if name not in followed])
    return dag


def _single(env: Environment, spec: DagSpec, waits: Mapping[Wait, Any]) -> dict[str, Any]:
    """A task for each job, which runs it."""
    jobs = {task.job.name: tasks.run_job(env, task) for task in spec.tasks}
    for task in spec.tasks:
        upstream = [*(jobs[name] for name in task.after), *(waits[wait] for wait in task.waits)]
        jobs[task.job.name].set_upstream(upstream)
    return jobs


def _fused(env: Environment, spec: DagSpec, fused: TaskSpec, waits: Mapping[Wait, Any]) -> dict[str, Any]:
    """A task for each job, which shows how it ended in the one run of them all."""
    run = tasks.run_fused(env, fused)
    run.set_upstream([waits[wait] for wait in fused.waits])
    jobs = {task.job.name: tasks.show_outcome(env, task, fused) for task in spec.tasks}
    for task in spec.tasks:
        jobs[task.job.name].set_upstream([jobs[name] for name in task.after] or [run])
    return jobs


def streaming(env: Environment, spec: DagSpec) -> DAG:
    """A DAG that keeps its continuous jobs running."""
    with _dag(env, spec, {}) as dag:
        for task in spec.tasks:
            tasks.ensure_running(env, task)
    return dag


def _dag(env: Environment, spec: DagSpec, params: dict[str, Any]) -> DAG:
    # A DAG has one run at a time, a job one DAG, a table one job: so a table has one writer, without pools.
    jobs = f"{len(spec.tasks)} job{'s' * (len(spec.tasks) > 1)}"
    return DAG(
        spec.dag_id,
        dag_display_name=spec.display_name,
        schedule=CronTriggerTimetable(spec.schedule, timezone="UTC", interval=DAY),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        params=params,
        doc_md=docs.of_dag(env, spec),
        description=spec.description or f"Pipeline {spec.pipeline}: {jobs}",
        tags=[env.name, spec.pipeline, spec.kind],
        default_args={"owner": spec.owners[0]},
    )


def backfill(env: Environment, loaded: Loaded) -> DAG:
    """The DAG for manual runs of past days. It only shows its plan until dry_run is switched off."""
    jobs = tuple(job for job in loaded.jobs if not job.continuous)
    runbook = f"{env.stack.alerts.docs_url}/runbooks/backfill.md"
    with DAG(
        BACKFILL,
        dag_display_name=f"[{env.project}] [{env.name}] Backfill",
        # A person starts it; paused, its runs would wait without a word.
        is_paused_upon_creation=False,
        schedule=None,
        start_date=START,
        catchup=False,
        max_active_runs=1,
        params=_backfill_params(jobs),
        tags=[env.name, BACKFILL],
        description="Past days again, one run after another",
        doc_md=(
            "Runs day after day, each job after those it depends on, and stops at the first failure. "
            "Sources give the rows of these days again; their watermarks stay where they are. "
            f"Read {runbook} first."
        ),
    ) as dag:
        Backfill(
            task_id="run",
            env=env,
            jobs=jobs,
            minutes=max((task.minutes for spec in loaded.dags for task in spec.tasks), default=0),
            retries=0,
            owner=env.stack.owner,
            on_failure_callback=failure_callback(env, "backfill"),
        )
    return dag


def _backfill_params(jobs: Sequence[Job]) -> dict[str, Param]:
    """What the person who triggers a backfill states."""
    return {
        "from": _day_param("The first day"),
        "to": _day_param("The last day"),
        "jobs": Param(
            [],
            type="array",
            items={"type": "string"},
            description="Names of jobs, or of pipelines for all their jobs",
            examples=[name for job in jobs for name in (job.name, job.pipeline)],
        ),
        "at_once": Param(False, type="boolean", description="One run of each job, for the last day"),
        "dry_run": Param(True, type="boolean", description="Show the plan and run nothing"),
    }


def fault(env: Environment | None, spec: FaultSpec) -> DAG:
    """A DAG that fails daily with the faults, and sends an alert where the environment is known."""
    alert = {"on_failure_callback": failure_callback(env, "sla-findings")} if env else {}
    with DAG(
        spec.dag_id,
        dag_display_name=spec.display_name,
        schedule=CronTriggerTimetable(DAILY, timezone="UTC", interval=DAY),
        # Its only purpose is to be seen.
        is_paused_upon_creation=False,
        start_date=START,
        catchup=False,
        max_active_runs=1,
        tags=["fault", spec.pipeline[:90]],  # Airflow allows 100 characters
        description=f"Pipeline {spec.pipeline} cannot be read",
        doc_md=docs.of_fault(spec),
    ) as dag:
        owner = env.stack.owner if env else "airflow"
        Fault(task_id="fault", faults=spec.faults, retries=0, owner=owner, **alert)
    return dag


def _day_param(description: str) -> Param:
    return Param(None, type=["null", "string"], format="date", description=description)
