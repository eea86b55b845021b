"""Pipelines that tests put beside the real ones."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.cells import JOB, PARAM, PROC

Row = dict[str, str]


def pipeline(folder: Path, name: str, jobs: Sequence[dict[str, Any]]) -> None:
    """Each job: `name`, and what differs from a daily batch job without dependencies; `dag`, `reads` and `writes` beside the columns."""
    place = folder / "pipelines" / name
    ids = {job["name"]: f"X{n}" for n, job in enumerate(jobs)}
    params: list[Row] = []
    for job in jobs:
        own = ids[job["name"]]
        params += [{"proc_id": f"P{own}", "param_name": kind, "param_value": job[kind], "param_type": "tables", "secure": "No"}
                   for kind in ("reads", "writes") if kind in job]  # fmt: skip
    _write(place / "job.csv", JOB, [_job(job, ids) for job in jobs])
    _write(place / "proc.csv", PROC, [_proc(job, ids[job["name"]]) for job in jobs])
    _write(place / "proc_param.csv", PARAM, params)


def _job(job: dict[str, Any], ids: dict[str, str]) -> Row:
    row = {
        "job_id": ids[job["name"]], "job_name": job["name"], "schedule": "0 2 * * *", "job_type": "batch", "owner": "data_eng_team",
        "environment": "local,prod", "description": "A job", "retry_policy": "2 retries, backoff 5m", "failure_notification": "x@company.com",
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


LOANS = [
    {"name": "ingest_loan_applications", "dag": "adf_loan_app_dag", "writes": "bronze.loan_applications"},
    {"name": "silver_transform", "schedule": "0 5 * * *", "after": ["ingest_loan_applications"], "dag": "airflow_silver_dag"},
    {"name": "job_that_was_not_deployed", "dag": "airflow_gold_dag"},
    {"name": "streaming_loan_events", "schedule": "continuous", "job_type": "streaming", "dag": "airflow_streaming_dag", "retry_policy": "5 retries"},
]  # fmt: skip


def real_runs(folder: Path) -> Path:
    """On top of a DAG folder: loans, each job in a DAG of its own; a pipeline that cannot be read; and a gate whose retry is at once."""
    pipeline(folder, "loans", LOANS)
    pipeline(folder, "broken", [{"name": "broken_job", "schedule": "0 25 * * *"}])
    jobs = folder / "pipelines" / "retail" / "job.csv"
    before = jobs.read_text()
    after = "\n".join(line.replace("1 retry, backoff 5m", "1 retry, backoff 1s") for line in before.split("\n"))
    assert after != before
    jobs.write_text(after)
    return folder
