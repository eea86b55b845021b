"""When a job was due, by its schedule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lambdas.common.job_catalog import Job

# A schedule that fires more rarely than this is not watched for starts.
FARTHEST = timedelta(days=32)


@dataclass(frozen=True)
class Due:
    """The start at `at` (UTC) is for the logical date `run_date`. `often`: the schedule fires several times a day."""

    at: datetime
    run_date: date
    often: bool


def last_due(job: Job, now: datetime, grace: timedelta) -> Due | None:
    """The newest start that is over by more than the grace; None for what runs all the time or had no start for a month."""
    if job.continuous or not job.schedule:
        return None
    fired = _before(job.schedule, now - grace)
    if fired is None:
        return None
    earlier = _before(job.schedule, fired - timedelta(minutes=1))
    often = (earlier is not None and earlier.date() == fired.date()) or _after(
        job.schedule, fired
    ).date() == fired.date()
    return Due(fired, fired.date() - timedelta(days=1), often)


def _before(schedule: str, moment: datetime) -> datetime | None:
    from cronsim import CronSim

    found = next(CronSim(schedule, moment + timedelta(minutes=1), reverse=True), None)
    return found if found is not None and moment - found < FARTHEST else None


def _after(schedule: str, moment: datetime) -> datetime:
    from cronsim import CronSim

    return next(CronSim(schedule, moment))
