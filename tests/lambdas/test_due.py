"""When a job was due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from lambdas.common.job_catalog import Job
from lambdas.sla_checker.due import Due, last_due

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def job(schedule: str) -> Job:
    return Job("orders", "lakehouse-prod-orders", "retail", "team", schedule, retries=1, sla_minutes=60)


def test_a_daily_job_is_due_for_the_day_before_its_start() -> None:
    start = datetime(2026, 3, 5, 2, tzinfo=UTC)
    assert last_due(job("0 2 * * *"), NOW, HALF_HOUR) == Due(start, date(2026, 3, 4), several_a_day=False)


def test_a_start_within_the_grace_is_not_due_yet() -> None:
    before = datetime(2026, 3, 5, 2, 29, tzinfo=UTC)
    due = last_due(job("0 2 * * *"), before, HALF_HOUR)
    assert due is not None
    assert due.run_date == date(2026, 3, 3)


def test_a_schedule_of_several_starts_a_day_says_so() -> None:
    due = last_due(job("0 */6 * * *"), NOW, HALF_HOUR)
    assert due is not None
    assert (due.at.hour, due.several_a_day) == (6, True)


@pytest.mark.parametrize("schedule", ["continuous", "", "0 2 1 1 *"])
def test_a_continuous_or_rare_job_is_never_due(schedule: str) -> None:
    assert last_due(job(schedule), NOW, HALF_HOUR) is None
