"""The completion report of a batch job, in the form of Report_CSV_20180820."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from urllib.parse import quote

from local_aws.batch_operations.job import BUCKET_ARN, BatchJob, Task

_SCHEMA = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"
_FAILED_ONLY = "FailedTasksOnly"


def files(job: BatchJob) -> dict[str, bytes]:
    """Key → bytes of the report's objects; empty without tasks of its scope."""
    report = job.request["Report"]
    folder = "/".join(part for part in (report.get("Prefix", "").strip("/"), f"job-{job.id}") if part)
    scope = [task for task in job.tasks if task.error or report.get("ReportScope") != _FAILED_ONLY]
    results = []
    content: dict[str, bytes] = {}
    for status in ("succeeded", "failed"):
        tasks = [task for task in scope if bool(task.error) == (status == "failed")]
        if tasks:
            body = _rows(job.bucket, tasks)
            key = f"{folder}/results/{hashlib.sha1(body).hexdigest()}.csv"
            content[key] = body
            checksum = hashlib.md5(body).hexdigest()
            entry = {
                "TaskExecutionStatus": status,
                "Bucket": bucket(job),
                "MD5Checksum": checksum,
                "Key": key,
            }
            results.append(entry)
    manifest = {
        "Format": "Report_CSV_20180820",
        "ReportCreationDate": f"{job.created:%Y-%m-%dT%H:%M:%S.%fZ}",
        "Results": results,
        "ReportSchema": _SCHEMA,
    }
    return {**content, f"{folder}/manifest.json": json.dumps(manifest).encode()} if results else {}


def bucket(job: BatchJob) -> str:
    """The bucket that the report goes to."""
    return str(job.request["Report"]["Bucket"]).removeprefix(BUCKET_ARN)


def _rows(source: str, tasks: Iterable[Task]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for task in tasks:
        end = ["failed", "AccessDenied", "403"] if task.error else ["succeeded", "", "200"]
        writer.writerow([source, quote(task.key), task.version, *end, task.error or "Successful"])
    return text.getvalue().encode()
