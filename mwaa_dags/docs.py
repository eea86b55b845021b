"""What Airflow shows of a DAG: what it does, its tables, and where to look when it fails."""

from __future__ import annotations

from lakehouse.environments import Environment
from lakehouse.pipelines import Job
from mwaa_dags.specs import DagSpec, FaultSpec, TaskSpec

RUNBOOKS = {
    "A job failed": "job-failed",
    "A quality gate stopped it": "dq-failover",
    "A source is down": "source-down",
    "It is late": "sla-findings",
}
OF_UPKEEP = {"Tables are not maintained": "maintenance"}
OF_STREAMS = {"A stream stands": "streaming-restart"}


def of_dag(env: Environment, spec: DagSpec) -> str:
    rows = [
        f"| `{t.job.name}` | {_cell(t.job.description)} | {_after(t)} | {_list(t.job.reads)} | {_list(t.job.writes or t.job.maintains)} |"
        for t in spec.tasks
    ]
    return "\n".join([
        *([f"**{spec.display_name}**: {_cell(spec.description)}", ""] if spec.description else []),
        f"Pipeline **{spec.pipeline}**, `pipelines/{spec.pipeline}/`. Owner: {', '.join(spec.owners)}. {_when(spec)}",
        "",
        "| task | what it does | after | reads | writes |", "|---|---|---|---|---|", *rows,
        "", "**Runbooks**", *(f"- {title}: {env.stack.alerts.docs_url}/runbooks/{name}.md" for title, name in runbooks(spec).items()),
    ])  # fmt: skip


def runbooks(spec: DagSpec) -> dict[str, str]:
    upkeep = OF_UPKEEP if any(task.job.maintains for task in spec.tasks) else {}
    return RUNBOOKS | upkeep | (OF_STREAMS if spec.kind == "streaming" else {})


def of_job(job: Job) -> str:
    """Parameters as their rows say them: a secret is a name and stays one."""
    lines = [f"{_cell(job.description)} ({job.place}). Told when it fails: {job.failure_notification}."]
    shown = [p for p in job.params if p.type != "tables"]
    if shown:
        lines += [
            "",
            "| parameter | value | |",
            "|---|---|---|",
            *(f"| `{p.name}` | `{_cell(p.value)}` | {_cell(p.description)} |" for p in shown),
        ]
    return "\n".join(lines)


def of_fault(spec: FaultSpec) -> str:
    lines = [
        f"The facts of **{spec.pipeline}** cannot be read, so its DAGs are not there. Mend them and deploy; `lakehouse validate` says the same.",
        "",
    ]
    return "\n".join([*lines, *(f"    {line}" for line in spec.faults)])


def _when(spec: DagSpec) -> str:
    if spec.kind == "streaming":
        return f"Continuous: at `{spec.schedule}` a job that does not run is started. To stop one, pause this DAG first."
    return (
        f"Starts at `{spec.schedule}` UTC for the day before. The logical date is the day that it is about."
    )


def _after(task: TaskSpec) -> str:
    return _list(task.after + tuple(f"{w.dag_id}.{w.task_id}" for w in task.waits))


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
