"""Runs in Airflow's own environment: describes the DAGs that Airflow finds, runs DAGs, or starts Glue jobs.

`airflow_probe.py ANSWER structure|run|start` reads questions as JSON from stdin and writes the file ANSWER.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = os.environ["AIRFLOW__CORE__DAGS_FOLDER"]
PLAIN = (
    "create_job_kwargs",
    "deferrable",
    "doc_md",
    "external_dag_id",
    "external_task_id",
    "iam_role_name",
    "job_name",
    "owner",
    "retries",
    "retry_exponential_backoff",
    "script_args",
    "script_location",
    "stop_job_run_on_kill",
    "timeout",
    "update_config",
    "waiter_delay",
    "waiter_max_attempts",
)


def bag() -> tuple[Any, float]:
    """Airflow's own collection of DAGs, and the processor seconds of the DAG file after Airflow's import."""
    import airflow.providers.amazon.aws.operators.glue
    import airflow.providers.amazon.aws.triggers.glue
    import airflow.providers.standard.sensors.external_task
    import airflow.providers.standard.triggers.temporal
    import airflow.sdk  # noqa: F401

    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:
        from airflow.models.dagbag import DagBag
    # As the DAG processor does.
    sys.path.append(FOLDER)
    before = time.process_time()
    dag_bag = DagBag(FOLDER, include_examples=False)
    return dag_bag, time.process_time() - before


def structure() -> dict[str, Any]:
    """Everything that Airflow finds in the DAG folder."""
    dag_bag, seconds = bag()
    try:
        from airflow.serialization.serialized_objects import DagSerialization as Serialized
    except ImportError:
        from airflow.serialization.serialized_objects import SerializedDAG as Serialized
    return {
        "seconds": seconds,
        "errors": dag_bag.import_errors,
        "files": sorted({Path(dag.fileloc).name for dag in dag_bag.dags.values()}),
        "modules": sorted({name.split(".")[0] for name in sys.modules}),
        "dags": {dag.dag_id: _dag(dag) for dag in dag_bag.dags.values()},
        "stored": sorted(
            json.loads(json.dumps(Serialized.to_dict(dag)))["dag"]["dag_id"] for dag in dag_bag.dags.values()
        ),
    }


def _dag(dag: Any) -> dict[str, Any]:
    schedule = getattr(dag.timetable, "expression", None) or getattr(dag.timetable, "_expression", None)
    return {
        "display_name": dag.dag_display_name,
        "schedule": schedule,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "tags": sorted(dag.tags),
        "doc": dag.doc_md,
        "params": dict(dag.params.dump()),
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def _task(task: Any) -> dict[str, Any]:
    plain = {name: getattr(task, name) for name in PLAIN if hasattr(task, name)}
    times = {
        name: value.total_seconds() if isinstance(value, timedelta) else value
        for name in ("retry_delay", "max_retry_delay", "execution_timeout")
        if (value := getattr(task, name)) is not None
    }
    classes = [base.__name__ for base in type(task).__mro__]
    return {
        **plain,
        **times,
        "classes": classes,
        "upstream": sorted(task.upstream_task_ids),
        "alerts": bool(task.on_failure_callback),
    }


def run(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs each DAG as `airflow dags test` does."""
    from airflow.sdk.execution_time import supervisor, task_runner

    finalize = task_runner.finalize

    def with_exception(ti: Any, state: Any, context: Any, log: Any, error: Any = None) -> None:
        # The task runner does the same; `dag.test` forgets it.
        context["exception"] = error
        finalize(ti, state, context, log, error)

    task_runner.finalize = with_exception
    # `dag.test` makes the API anew for each task, which takes seconds.
    supervisor.in_process_api_server = functools.cache(supervisor.in_process_api_server)
    dag_bag, _ = bag()
    # `dag.test` also sleeps a second between tasks.
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, 0.1))
    return [_run(dag_bag.dags[question["dag"]], question) for question in questions]


def _run(dag: Any, question: dict[str, Any]) -> dict[str, Any]:
    from airflow.providers.standard.triggers import external_task

    class NoSleep:
        """Replaces asyncio in the waiting trigger: gives up instead of sleeping."""

        @staticmethod
        async def sleep(_: float) -> None:
            raise TimeoutError("still waiting")

    sleeping = external_task.asyncio
    external_task.asyncio = NoSleep
    began = time.monotonic()
    try:
        done = dag.test(logical_date=datetime.fromisoformat(question["date"]), run_conf=question.get("conf"))
    finally:
        external_task.asyncio = sleeping
    states = {ti.task_id: str(ti.state) for ti in done.get_task_instances()}
    tries = {ti.task_id: ti.try_number for ti in done.get_task_instances()}
    return {"state": str(done.state), "tasks": states, "tries": tries, "seconds": time.monotonic() - began}


def start(questions: list[dict[str, Any]]) -> list[str]:
    """Starts Glue jobs: the id of each run, or the name of its error."""
    sys.path.append(FOLDER)
    from mwaa_dags.glue import ExistingJobHook

    answers = []
    for question in questions:
        hook = ExistingJobHook(job_name=question["job"], aws_conn_id=None, region_name="eu-central-1")
        try:
            answers.append(hook.initialize_job(question["arguments"])["JobRunId"])
        except Exception as error:
            answers.append(type(error).__name__)
    return answers


if __name__ == "__main__":
    commands = {"structure": lambda _: structure(), "run": run, "start": start}
    answer = commands[sys.argv[2]](json.load(sys.stdin))
    Path(sys.argv[1]).write_text(json.dumps(answer, default=str))
