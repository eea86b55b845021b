"""When a job was due, by its schedule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lambdas.common.job_catalog import Job

# A job that starts less often than this is not checked for its start.
MAX_INTERVAL = timedelta(days=32)


@dataclass(frozen=True)
class Due:
    """A start that was due at `at` (UTC) for the logical date `run_date`.

    `several_a_day`: the schedule fires several times on that day.
    """

    at: datetime
    run_date: date
    several_a_day: bool


def last_due(job: Job, now: datetime, grace: timedelta) -> Due | None:
    """The newest start that was due more than `grace` ago.

    None for a continuous job, and for one that was not due for a month.
    """
    if job.continuous or not job.schedule:
        return None
    start = _previous(job.schedule, now - grace)
    if start is None:
        return None
    earlier = _previous(job.schedule, start - timedelta(minutes=1))
    fired_earlier = earlier is not None and earlier.date() == start.date()
    several = fired_earlier or _next(job.schedule, start).date() == start.date()
    return Due(start, start.date() - timedelta(days=1), several)


def _previous(schedule: str, moment: datetime) -> datetime | None:
    from cronsim import CronSim  # slows a cold start

    start = next(CronSim(schedule, moment + timedelta(minutes=1), reverse=True), None)
    return start if start is not None and moment - start < MAX_INTERVAL else None


def _next(schedule: str, moment: datetime) -> datetime:
    from cronsim import CronSim  # slows a cold start

    return next(CronSim(schedule, moment))
