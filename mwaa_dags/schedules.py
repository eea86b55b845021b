"""Cron schedules: which may share a DAG, and which runs are of one logical day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from cronsim import CronSim

DAY = timedelta(days=1)


def logical_dates(schedule: str, day: date) -> list[datetime]:
    """The logical dates of the runs of `day`, UTC. A run starts a day after its logical date: then the day it is about is over."""
    first = datetime.combine(day + DAY, time())
    found = []
    for start in CronSim(schedule, first - timedelta(minutes=1)):
        if start >= first + DAY:
            break
        found.append((start - DAY).replace(tzinfo=UTC))
    return found


def waited_for(own: str, other: str, logical_date: datetime) -> list[datetime]:
    """The logical dates of another DAG's runs that a run waits for: those of its own day; where both start alike several times a day, the same one."""
    dates = logical_dates(other, logical_date.astimezone(UTC).date())
    return [logical_date] if own == other and len(dates) > 1 else dates


def fits(own: str, dag: str) -> bool:
    """May a job with the schedule `own` follow others in a DAG with the schedule `dag`? Yes if both run once on the same days, at whatever hour."""
    return own == dag or (own.split()[2:] == dag.split()[2:] and _once_a_day(own) and _once_a_day(dag))


def _once_a_day(schedule: str) -> bool:
    return all(field.isdecimal() for field in schedule.split()[:2])
