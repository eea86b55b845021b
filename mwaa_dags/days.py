"""The day that a run is about. It follows from the run alone: a run that is tried again tomorrow is about the same day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

# As `run_day`, for arguments: Airflow fills it in when the task starts. Only a run by hand can lack a logical date.
RUN_DATE = "{{ params.run_date or (dag_run.logical_date or dag_run.run_after - macros.timedelta(days=1)).strftime('%Y-%m-%d') }}"


def run_day(context: Mapping[str, Any]) -> date:
    """The parameter `run_date` of a run by hand, else the day of the logical date, else the last day that was over when the run was asked for. UTC."""
    if stated := context["params"].get("run_date"):
        return date.fromisoformat(stated)
    return logical_date(context).date()


def logical_date(context: Mapping[str, Any]) -> datetime:
    run = context["dag_run"]
    if stated := context["params"].get("run_date"):
        return datetime.combine(date.fromisoformat(stated), time(), UTC)
    found: datetime = run.logical_date or run.run_after - timedelta(days=1)
    return found
