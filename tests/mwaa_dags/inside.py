"""Runs in Airflow's own environment: says what Airflow sees of the DAG folder, or runs DAGs.  `inside.py ANSWER structure|run|start`, questions on stdin"""

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
    "job_name", "script_args", "deferrable", "waiter_delay", "waiter_max_attempts", "stop_job_run_on_kill", "update_config", "create_job_kwargs",
    "iam_role_name", "script_location", "retries", "retry_exponential_backoff", "owner", "external_dag_id", "external_task_id", "doc_md", "timeout",
)  # fmt: skip


def bag() -> tuple[Any, float]:
    """Airflow's own collection of DAGs, and the seconds of a processor that ours took beyond Airflow's import."""
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
    found = DagBag(FOLDER, include_examples=False)
    return found, time.process_time() - before


def structure() -> dict[str, Any]:
    found, seconds = bag()
    try:
        from airflow.serialization.serialized_objects import DagSerialization as Serialized
    except ImportError:
        from airflow.serialization.serialized_objects import SerializedDAG as Serialized
    return {
        "seconds": seconds,
        "errors": found.import_errors,
        "files": sorted({Path(dag.fileloc).name for dag in found.dags.values()}),
        "modules": sorted({name.split(".")[0] for name in sys.modules}),
        "dags": {dag.dag_id: _dag(dag) for dag in found.dags.values()},
        "stored": sorted(
            json.loads(json.dumps(Serialized.to_dict(dag)))["dag"]["dag_id"] for dag in found.dags.values()
        ),
    }


def _dag(dag: Any) -> dict[str, Any]:
    schedule = getattr(dag.timetable, "expression", None) or getattr(dag.timetable, "_expression", None)
    return {
        "display_name": dag.dag_display_name, "schedule": schedule, "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs, "tags": sorted(dag.tags), "doc": dag.doc_md, "params": dict(dag.params.dump()),
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }  # fmt: skip


def _task(task: Any) -> dict[str, Any]:
    shown = {name: getattr(task, name) for name in PLAIN if hasattr(task, name)}
    times = {
        name: value.total_seconds() if isinstance(value, timedelta) else value
        for name in ("retry_delay", "max_retry_delay", "execution_timeout")
        if (value := getattr(task, name)) is not None
    }
    kinds = [kind.__name__ for kind in type(task).__mro__]
    return {
        **shown,
        **times,
        "kinds": kinds,
        "upstream": sorted(task.upstream_task_ids),
        "told": bool(task.on_failure_callback),
    }


def run(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each DAG as `airflow dags test` runs it."""
    from airflow.sdk.execution_time import supervisor, task_runner

    finalize = task_runner.finalize

    def with_exception(ti: Any, state: Any, context: Any, log: Any, error: Any = None) -> None:
        # As the task runner itself does; only this way of running forgets it.
        context["exception"] = error
        finalize(ti, state, context, log, error)

    task_runner.finalize = with_exception
    # It would make the API anew for each task, which takes seconds.
    supervisor.in_process_api_server = functools.cache(supervisor.in_process_api_server)
    found, _ = bag()
    # It would also wait a second for each wave of tasks.
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, 0.1))
    return [_run(found.dags[question["dag"]], question) for question in asked]


def _run(dag: Any, question: dict[str, Any]) -> dict[str, Any]:
    from airflow.providers.standard.triggers import external_task

    class Patience:
        """In place of asyncio for the trigger that waits: it does not sleep, it gives up."""

        @staticmethod
        async def sleep(_: float) -> None:
            raise TimeoutError("still waiting")

    sleeping = external_task.asyncio
    external_task.asyncio = Patience
    began = time.monotonic()
    try:
        done = dag.test(logical_date=datetime.fromisoformat(question["date"]), run_conf=question.get("conf"))
    finally:
        external_task.asyncio = sleeping
    states = {ti.task_id: str(ti.state) for ti in done.get_task_instances()}
    tries = {ti.task_id: ti.try_number for ti in done.get_task_instances()}
    return {"state": str(done.state), "tasks": states, "tries": tries, "seconds": time.monotonic() - began}


def start(asked: list[dict[str, Any]]) -> list[str]:
    """What comes of starting a job with arguments: the id of a run, or the name of an error."""
    sys.path.append(FOLDER)
    from mwaa_dags.glue import ExistingJobHook

    answers = []
    for question in asked:
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
