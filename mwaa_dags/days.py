"""The day a run processes. It follows from the run alone, so a later retry processes the same day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

# `run_day` as a template for arguments, which Airflow renders when the task starts.
# Only a manual run can lack a logical date.
RUN_DATE = (
    "{{ params.run_date or (dag_run.logical_date or dag_run.run_after - macros.timedelta(days=1))"
    ".strftime('%Y-%m-%d') }}"
)


def run_day(context: Mapping[str, Any]) -> date:
    """The parameter `run_date`, else the day of the logical date, else the day before the request. UTC."""
    return logical_date(context).date()


def logical_date(context: Mapping[str, Any]) -> datetime:
    """As `run_day`, with the time of day; midnight UTC for the parameter `run_date`."""
    run = context["dag_run"]
    if run_date := context["params"].get("run_date"):
        return datetime.combine(date.fromisoformat(run_date), time(), UTC)
    moment: datetime = run.logical_date or run.run_after - timedelta(days=1)
    return moment
