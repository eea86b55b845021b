"""The pages that Airflow shows: what a DAG or task does, its tables, and the runbooks for its failures."""

from __future__ import annotations

from lakehouse.environments import Environment
from lakehouse.orchestration.specs import DagSpec, FaultSpec, TaskSpec
from lakehouse.pipelines import Job

RUNBOOKS = {
    "A job failed": "job-failed",
    "A quality gate stopped it": "dq-failover",
    "A source is down": "source-down",
    "It is late": "sla-findings",
}
MAINTENANCE_RUNBOOKS = {"Tables are not maintained": "maintenance"}
STREAM_RUNBOOKS = {"A stream has stopped": "streaming-restart"}


def of_dag(env: Environment, spec: DagSpec) -> str:
    """The page of a DAG, in Markdown."""
    summary = [f"**{spec.display_name}**: {_cell(spec.description)}", ""] if spec.description else []
    folder = f"Pipeline **{spec.pipeline}**, `pipelines/{spec.pipeline}/`."
    links = [
        f"- {title}: {env.stack.alerts.docs_url}/runbooks/{name}.md" for title, name in runbooks(spec).items()
    ]
    lines = [
        *summary,
        f"{folder} Owner: {', '.join(spec.owners)}. {_schedule(spec)}",
        "",
        "| task | what it does | after | reads | writes |",
        "|---|---|---|---|---|",
        *map(_row, spec.tasks),
        "",
        "**Runbooks**",
        *links,
    ]
    return "\n".join(lines)


def runbooks(spec: DagSpec) -> dict[str, str]:
    """Title → file name below docs/runbooks, without its suffix."""
    maintenance = MAINTENANCE_RUNBOOKS if any(task.job.maintains for task in spec.tasks) else {}
    return RUNBOOKS | maintenance | (STREAM_RUNBOOKS if spec.kind == "streaming" else {})


def of_job(job: Job) -> str:
    """The page of a task. Shows parameters as their rows do: a secret as its name, never as its value."""
    lines = [
        f"{_cell(job.description)} ({job.location}). Notified when it fails: {job.failure_notification}."
    ]
    params = [param for param in job.params if param.type != "tables"]
    if params:
        rows = [f"| `{p.name}` | `{_cell(p.value)}` | {_cell(p.description)} |" for p in params]
        lines += ["", "| parameter | value | |", "|---|---|---|", *rows]
    return "\n".join(lines)


def of_fault(spec: FaultSpec) -> str:
    """The page of a pipeline that cannot be read."""
    summary = (
        f"The facts of **{spec.pipeline}** cannot be read, so its DAGs are missing. "
        "Correct them and deploy; `lakehouse validate` shows the same faults."
    )
    return "\n".join([summary, "", *(f"    {line}" for line in spec.faults)])


def _row(task: TaskSpec) -> str:
    job = task.job
    return (
        f"| `{job.name}` | {_cell(job.description)} | {_after(task)} "
        f"| {_list(job.reads)} | {_list(job.writes or job.maintains)} |"
    )


def _schedule(spec: DagSpec) -> str:
    if spec.kind == "streaming":
        return (
            f"Continuous: at `{spec.schedule}` a job that does not run is started. "
            "To stop one, pause this DAG first."
        )
    return (
        f"Starts at `{spec.schedule}` UTC for the day before. The logical date is the day that it processes."
    )


def _after(task: TaskSpec) -> str:
    return _list(task.after + tuple(f"{wait.dag_id}.{wait.task_id}" for wait in task.waits))


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
