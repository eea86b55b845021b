"""Everything that Airflow is shown."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.configuration import conf
from airflow.sdk import DAG, Param, get_parsing_context

from lakehouse.environments import Environment
from mwaa_dags import docs, tasks
from mwaa_dags.airflow_api import CronTriggerTimetable
from mwaa_dags.alerts import teller
from mwaa_dags.load import Loaded, load
from mwaa_dags.operators import Backfill, Fault
from mwaa_dags.plan import BACKFILL
from mwaa_dags.specs import DagSpec, FaultSpec

# Before the oldest day that anybody will ask for again. Nothing is caught up from there: a missed run's rows are read by the next one.
START = datetime(2015, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def all_dags() -> dict[str, Any]:
    """dag_id → DAG. Of the one that a worker needs, only that one."""
    loaded = load(environment_name())
    only = get_parsing_context().dag_id
    dags = {spec.dag_id: fault(loaded.env, spec) for spec in loaded.faults if only in (None, spec.dag_id)}
    if loaded.env is None:
        return dags
    dags |= {spec.dag_id: _sound(loaded.env, spec) for spec in loaded.dags if only in (None, spec.dag_id)}
    return {**dags, BACKFILL: backfill(loaded.env, loaded)} if only in (None, BACKFILL) else dags


def _sound(env: Environment, spec: DagSpec) -> DAG:
    """What Airflow itself refuses, such as a job named as a task of ours, is this DAG's fault alone."""
    try:
        return batch(env, spec) if spec.kind == "batch" else streaming(env, spec)
    except Exception as error:
        return fault(
            env, FaultSpec(spec.dag_id, spec.display_name, spec.pipeline, (f"Airflow refuses it: {error!r}",))
        )


def environment_name() -> str:
    """MWAA's startup script sets it from an option of Airflow's, which the stack states. There is no default."""
    return os.environ.get("LAKEHOUSE_ENV") or str(conf.get("lakehouse", "env", fallback=""))


def batch(env: Environment, spec: DagSpec) -> DAG:
    day = Param(
        None,
        type=["null", "string"],
        format="date",
        description="The day to run for; empty: that of the logical date",
    )
    with _dag(env, spec, {"run_date": day}) as dag:
        made = {task.job.name: tasks.run_job(env, task) for task in spec.tasks}
        # Several jobs may wait for the same one.
        waiting = {wait: task.job.owner for task in reversed(spec.tasks) for wait in task.waits}
        waits = {wait: tasks.wait_for(env, spec.schedule, wait, owner) for wait, owner in waiting.items()}
        for task in spec.tasks:
            made[task.job.name].set_upstream(
                [*(made[name] for name in task.after), *(waits[wait] for wait in task.waits)]
            )
        followed = {name for task in spec.tasks for name in task.after}
        tasks.check_sla(env, spec).set_upstream([made[name] for name in made if name not in followed])
    return dag


def streaming(env: Environment, spec: DagSpec) -> DAG:
    with _dag(env, spec, {}) as dag:
        for task in spec.tasks:
            tasks.keep_running(env, task)
    return dag


def _dag(env: Environment, spec: DagSpec, params: dict[str, Any]) -> DAG:
    # One run of a DAG at once, one DAG per job, one job per table: so each table has one writer, without pools that somebody must make by hand.
    return DAG(
        spec.dag_id, dag_display_name=spec.display_name, schedule=CronTriggerTimetable(spec.schedule, timezone="UTC", interval=DAY),
        start_date=START, catchup=False, max_active_runs=1, params=params, doc_md=docs.of_dag(env, spec),
        description=spec.description or f"Pipeline {spec.pipeline}: {len(spec.tasks)} job{'s' * (len(spec.tasks) > 1)}",
        tags=[env.name, spec.pipeline, spec.kind], default_args={"owner": spec.owners[0]},
    )  # fmt: skip


def backfill(env: Environment, loaded: Loaded) -> DAG:
    """Runs of past days, by hand: the plan is shown first, and nothing runs until dry_run is switched off."""
    jobs = tuple(job for job in loaded.jobs if not job.continuous)
    params = {
        "from": Param(None, type=["null", "string"], format="date", description="The first day"),
        "to": Param(None, type=["null", "string"], format="date", description="The last day"),
        "jobs": Param([], type="array", items={"type": "string"}, description="Names of jobs, or of pipelines for all their jobs",
                      examples=[name for job in jobs for name in (job.name, job.pipeline)]),
        "dry_run": Param(True, type="boolean", description="Show the plan and run nothing"),
    }  # fmt: skip
    with DAG(
        BACKFILL, dag_display_name=f"[{env.project}] [{env.name}] Backfill", schedule=None, start_date=START, catchup=False, max_active_runs=1,
        params=params, tags=[env.name, BACKFILL], description="Past days again, one run after another",
        doc_md=f"Day after day, each job after those it depends on; stops at the first failure. Read {env.stack.alerts.docs_url}/runbooks/backfill.md first.",
    ) as dag:  # fmt: skip
        minutes = max((task.minutes for spec in loaded.dags for task in spec.tasks), default=0)
        Backfill(
            task_id="run",
            env=env,
            jobs=jobs,
            minutes=minutes,
            retries=0,
            owner=env.stack.owner,
            on_failure_callback=teller(env, "backfill"),
        )
    return dag


def fault(env: Environment | None, spec: FaultSpec) -> DAG:
    """Fails as soon as it is there and every day, so that somebody is told; without an environment there is nobody to tell."""
    told = {"on_failure_callback": teller(env, "sla-findings")} if env else {}
    with DAG(
        spec.dag_id, dag_display_name=spec.display_name, schedule=CronTriggerTimetable("0 0 * * *", timezone="UTC", interval=DAY), start_date=START,
        catchup=False, max_active_runs=1, tags=["fault", spec.pipeline[:90]], description=f"Pipeline {spec.pipeline} cannot be read",
        doc_md=docs.of_fault(spec),
    ) as dag:  # fmt: skip
        Fault(
            task_id="fault",
            faults=spec.faults,
            retries=0,
            owner=env.stack.owner if env else "airflow",
            **told,
        )
    return dag
