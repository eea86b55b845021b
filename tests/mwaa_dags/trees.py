"""Pipelines that tests put beside the real ones."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lakehouse.pipelines.cells import JOB, PARAM, PROC

Row = dict[str, str]


def pipeline(folder: Path, name: str, jobs: Sequence[dict[str, Any]]) -> None:
    """Each job: `name`, and what differs from a daily batch job without dependencies; `dag`, `reads`, `writes` and `maintains` beside the columns."""
    place = folder / "pipelines" / name
    ids = {job["name"]: f"X{n}" for n, job in enumerate(jobs)}
    params: list[Row] = []
    for job in jobs:
        own = ids[job["name"]]
        params += [{"proc_id": f"P{own}", "param_name": kind, "param_value": job[kind], "param_type": "tables", "secure": "No"}
                   for kind in ("reads", "writes", "maintains") if kind in job]  # fmt: skip
    _write(place / "job.csv", JOB, [_job(job, ids) for job in jobs])
    _write(place / "proc.csv", PROC, [_proc(job, ids[job["name"]]) for job in jobs])
    _write(place / "proc_param.csv", PARAM, params)


def _job(job: dict[str, Any], ids: dict[str, str]) -> Row:
    row = {
        "job_id": ids[job["name"]], "job_name": job["name"], "schedule": "0 2 * * *", "job_type": "batch", "owner": "data_eng_team",
        "environment": "local,dev,prod", "description": "A job", "retry_policy": "2 retries, backoff 5m", "failure_notification": "x@company.com",
    }  # fmt: skip
    row |= {key: value for key, value in job.items() if key in JOB}
    return {**row, "dependencies": ",".join(ids[name] for name in job.get("after", ()))}


def _proc(job: dict[str, Any], own: str) -> Row:
    minutes = "0" if job.get("schedule") == "continuous" else "60"
    return {
        "proc_id": f"P{own}", "job_id": own, "proc_name": job["name"], "notebook_path": "src/x.py", "order": "1", "retry_count": "0",
        "timeout_minutes": minutes, "scheduler_type": "Airflow", "dag_id": job.get("dag", "some_dag"),
    }  # fmt: skip


def _write(file: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


UNDEPLOYED = "job_that_was_not_deployed"


def real_runs(folder: Path) -> Path:
    """On top of a DAG folder: a job that no stack made, a pipeline that cannot be read, and a gate and a stream whose retry is at once."""
    pipeline(folder, "undeployed", [{"name": UNDEPLOYED, "dag": "undeployed_dag"}])
    pipeline(folder, "broken", [{"name": "broken_job", "schedule": "0 25 * * *"}])
    for name, old, new in (
        ("retail", "1 retry, backoff 5m", "1 retry, backoff 1s"),
        ("loans", "5 retries, backoff 5m", "5 retries"),
    ):
        jobs = folder / "pipelines" / name / "job.csv"
        before = jobs.read_text()
        assert old in before
        jobs.write_text(before.replace(old, new))
    return folder


def config(folder: Path, name: str, key: str, parts: Sequence[dict[str, Any]], **more: Any) -> None:
    """A pipeline of config.json; each of `parts` with its `sql`, or a `table` that is streamed."""
    place = folder / "pipelines" / name
    place.mkdir(parents=True, exist_ok=True)
    stated = []
    for part in parts:
        if "sql" in part:
            (place / f"{part['task_name']}.sql").write_text(part["sql"])
        file = {"sql_file": f"{part['task_name']}.sql"} if "sql" in part else {}
        stated.append({**{k: v for k, v in part.items() if k != "sql"}, **file})
    kind = {"tasks": "streaming", "execution_sequence": "batch"}[key]
    document = {
        "pipeline_name": name.replace("_", " ").title(),
        "pipeline_type": kind,
        "notification_email": "x@company.com",
        key: stated,
    }
    (place / "config.json").write_text(json.dumps({**document, **more}))
