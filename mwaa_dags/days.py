"""The day a run processes. It follows from the run alone, so a later retry processes the same day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from lakehouse.reading.days import day_of, fault_of_run_date

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


def fault_of_arguments(arguments: Mapping[str, Any]) -> str:
    """Why a run must not start with these arguments: its day is after today (RUN141). Empty when it may."""
    day = day_of(str(arguments.get("--run-date") or ""))
    fault = fault_of_run_date(day) if day else ""
    return f"RUN141 {fault}" if fault else ""
