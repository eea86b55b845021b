"""The rows of a pipeline that ingests a table and judges it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

_JOB = "job_id job_name schedule dependencies job_type owner environment description retry_policy"
JOB = (*_JOB.split(), "failure_notification")
_PROC = "proc_id job_id proc_name notebook_path order retry_count timeout_minutes description scheduler_type"
PROC = (*_PROC.split(), "dag_id", "dependencies")
PARAM = ("proc_id", "param_name", "param_value", "param_type", "description", "secure")
SCHEDULE, RETRIES = "0 6 * * *", "2 retries, backoff 10m"


def pipeline_files(
    pipeline: str, table: str, owner: str, environments: Sequence[str], address: str
) -> dict[str, str]:
    """File below the project's root → text: an ingest of the table, and the gate that judges it."""
    ingest, gate = f"{pipeline}_ingest", f"{pipeline}_gate"
    where = ",".join(environments)

    def job(number: str, name: str, after: str, text: str) -> list[str]:
        return [number, name, SCHEDULE, after, "batch", owner, where, text, RETRIES, address]

    jobs = [job("J001", ingest, "", f"Reads {table}"), job("J002", gate, "J001", f"Judges {table}")]
    procs = [
        ["P001", "J001", ingest, "ingest", "1", "2", "60", "", "Airflow", pipeline, ""],
        ["P002", "J002", gate, "gate", "1", "2", "60", "", "Airflow", pipeline, ""],
    ]
    params = [
        ["P001", "writes", table, "tables", "The table that the files fill", "No"],
        ["P002", "reads", table, "tables", "The table that the gate judges", "No"],
    ]
    folder = f"pipelines/{pipeline}"
    return {
        f"{folder}/job.csv": _text(JOB, jobs),
        f"{folder}/proc.csv": _text(PROC, procs),
        f"{folder}/proc_param.csv": _text(PARAM, params),
    }


def _text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()
