"""Writes the files of pipelines for tests."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lakehouse.pipelines.cells import JOB, PARAM, PROC

Row = dict[str, str]
UNDEPLOYED = "job_that_was_not_deployed"
FUSED = "fused_trips"


def chain(dag_id: str, **second: Any) -> list[dict[str, Any]]:
    """Two jobs of one DAG, the second after the first."""
    return [{"name": "first", "dag": dag_id}, {"name": "second", "after": ["first"], "dag": dag_id, **second}]


def pipeline(root: Path, name: str, jobs: Sequence[dict[str, Any]]) -> None:
    """Writes a pipeline of CSV rows.

    Each job has a `name` and columns of job.csv that differ from a daily batch job without dependencies.
    Beside the columns it takes `after`, `dag`, `reads`, `writes` and `maintains`.
    """
    folder = root / "pipelines" / name
    ids = {job["name"]: f"X{n}" for n, job in enumerate(jobs)}
    _write(folder / "job.csv", JOB, [_job(job, ids) for job in jobs])
    _write(folder / "proc.csv", PROC, [_proc(job, ids[job["name"]]) for job in jobs])
    _write(folder / "proc_param.csv", PARAM, [row for job in jobs for row in _params(job, ids[job["name"]])])


def _job(job: dict[str, Any], ids: dict[str, str]) -> Row:
    row = {
        "job_id": ids[job["name"]],
        "job_name": job["name"],
        "schedule": "0 2 * * *",
        "job_type": "batch",
        "owner": "data_eng_team",
        "environment": "local,dev,prod",
        "description": "A job",
        "retry_policy": "2 retries, backoff 5m",
        "failure_notification": "x@company.com",
    }
    row |= {key: value for key, value in job.items() if key in JOB}
    return {**row, "dependencies": ",".join(ids[name] for name in job.get("after", ()))}


def _proc(job: dict[str, Any], job_id: str) -> Row:
    return {
        "proc_id": f"P{job_id}",
        "job_id": job_id,
        "proc_name": job["name"],
        "notebook_path": "src/x.py",
        "order": "1",
        "retry_count": "0",
        "timeout_minutes": "0" if job.get("schedule") == "continuous" else "60",
        "scheduler_type": "Airflow",
        "dag_id": job.get("dag", "some_dag"),
    }


def _params(job: dict[str, Any], job_id: str) -> list[Row]:
    return [
        {
            "proc_id": f"P{job_id}",
            "param_name": name,
            "param_value": job[name],
            "param_type": "tables",
            "secure": "No",
        }
        for name in ("reads", "writes", "maintains")
        if name in job
    ]


def _write(file: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def add_real_runs(dags: Path) -> Path:
    """Changes a DAG folder for test_real_runs.

    Adds a job that was not deployed, a fused pipeline and one that cannot be read. A gate and a stream retry
    at once.
    """
    pipeline(dags, "undeployed", [{"name": UNDEPLOYED, "dag": "undeployed_dag"}])
    soon = {"dag": FUSED, "retry_policy": "1 retry, backoff 1s"}
    names = ({"name": "first"}, {"name": "second", "after": ["first"]}, {"name": "beside"})
    pipeline(dags, FUSED, [{**name, **soon} for name in names])
    (dags / "pipelines" / FUSED / "settings.yml").write_text("fuse: true\n")
    pipeline(dags, "broken", [{"name": "broken_job", "schedule": "0 25 * * *"}])
    for name, old, new in (
        ("retail", "1 retry, backoff 5m", "1 retry, backoff 1s"),
        ("loans", "5 retries, backoff 5m", "5 retries"),
    ):
        job_csv = dags / "pipelines" / name / "job.csv"
        text = job_csv.read_text()
        assert old in text
        job_csv.write_text(text.replace(old, new))
    return dags


def config(root: Path, name: str, key: str, parts: Sequence[dict[str, Any]], **more: Any) -> None:
    """Writes a pipeline of config.json. `key` is `tasks` or `execution_sequence`.

    Each of `parts` has its `sql`, or a `table` that is streamed.
    """
    folder = root / "pipelines" / name
    folder.mkdir(parents=True, exist_ok=True)
    documents = []
    for part in parts:
        document = {key: value for key, value in part.items() if key != "sql"}
        if "sql" in part:
            document["sql_file"] = f"{part['task_name']}.sql"
            (folder / document["sql_file"]).write_text(part["sql"])
        documents.append(document)
    content = {
        "pipeline_name": name.replace("_", " ").title(),
        "pipeline_type": {"tasks": "streaming", "execution_sequence": "batch"}[key],
        "notification_email": "x@company.com",
        key: documents,
    }
    (folder / "config.json").write_text(json.dumps({**content, **more}))
