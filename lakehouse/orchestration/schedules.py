"""Compares cron schedules: which jobs can share a DAG, and which runs process the same day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from cronsim import CronSim

DAY = timedelta(days=1)


def logical_dates(schedule: str, day: date) -> list[datetime]:
    """The logical dates (UTC) of the runs that process `day`. A run starts one day after its logical date."""
    first_start = datetime.combine(day + DAY, time())
    dates = []
    for start in CronSim(schedule, first_start - timedelta(minutes=1)):
        if start >= first_start + DAY:
            break
        dates.append((start - DAY).replace(tzinfo=UTC))
    return dates


def awaited_dates(schedule: str, other: str, logical_date: datetime) -> list[datetime]:
    """The logical dates of another DAG's runs that a run waits for: all runs of the same day.

    Where both DAGs have the same schedule and start several times a day, only the run of the same time.
    """
    dates = logical_dates(other, logical_date.astimezone(UTC).date())
    return [logical_date] if schedule == other and len(dates) > 1 else dates


def fits(schedule: str, dag: str) -> bool:
    """Whether a job with this schedule can follow other jobs in a DAG with the schedule `dag`.

    True for equal schedules, and for two that start once on the same days, at any hour.
    """
    same_days = schedule.split()[2:] == dag.split()[2:]
    return schedule == dag or (same_days and _once_a_day(schedule) and _once_a_day(dag))


def _once_a_day(schedule: str) -> bool:
    return all(field.isdecimal() for field in schedule.split()[:2])
