"""What a Glue run noted in the audit: its warnings, and the tables that had no news. Without Airflow."""

from __future__ import annotations

from typing import Any

from lakehouse.environments.control import AUDIT_BY_DATE


def audit_lines(dynamodb: Any, table: str, job: str, run_date: str, since: str = "") -> list[str]:
    """A line for each warning and each table without news of the newest run of a job for a day.

    `table` is that of the audit; only a run that started at `since` (ISO 8601, UTC) or later counts.
    """
    row = _newest(dynamodb, table, job, run_date, since)
    warnings = [f"warning: {text['S']}" for text in row.get("warnings", {}).get("L", [])]
    unchanged = row.get("unchanged", {}).get("M", {})
    news = [f"{name}: unchanged since {at['S'][:16].replace('T', ' ')}" for name, at in unchanged.items()]
    return [*warnings, *news]


def audit_outcome(dynamodb: Any, table: str, job: str, run_date: str, since: str = "") -> tuple[str, str]:
    """State and error of that run: SUCCEEDED, FAILED or RUNNING; both empty when there is none."""
    row = _newest(dynamodb, table, job, run_date, since)
    return row.get("status", {}).get("S", ""), row.get("error", {}).get("S", "")


def _newest(dynamodb: Any, table: str, job: str, run_date: str, since: str) -> dict[str, Any]:
    """The item of the newest run; empty when none has started since."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        IndexName=AUDIT_BY_DATE,
        KeyConditionExpression="run_date = :day",
        FilterExpression="job = :job",
        ExpressionAttributeValues={":day": {"S": run_date}, ":job": {"S": job}},
        ScanIndexForward=False,
    )
    row: dict[str, Any] = next((item for page in pages for item in page["Items"]), {})
    return row if row.get("started_at", {}).get("S", "") >= since else {}
