"""EventBridge Scheduler starts what Airflow would start, at the same times."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest
from croniter import croniter

from lakehouse.orchestration.event_schedule import EventScheduleError, event_schedule
from local_aws.functions.next_time import next_time

BEGIN = datetime(2026, 1, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "schedule",
    [
        "0 2 * * *",
        "*/5 * * * *",
        "0 */6 * * *",
        "5-50/15 8-18 * * *",
        "0 6 * * 1-5",
        "0 6 * * MON,fri",
        "0 6 * * 5-7",
        "0 6 * * 7",
        "0 6 * * 0",
        "30 1 1,15 * *",
        "0 0 */10 * *",
        "0 0 1 JAN-MAR,7 *",
        "0 0 ? * 2",
    ],
)
def test_schedule_comes_when_airflow_comes(schedule: str) -> None:
    """croniter, which Airflow asks, judges."""
    expression, at, times = event_schedule(schedule), BEGIN, []
    for _ in range(40):
        following = next_time(expression, at)
        assert following is not None
        at = following
        times.append(at)
    assert times == list(islice(croniter(schedule, BEGIN).all_next(datetime), 40))


@pytest.mark.parametrize("schedule", ["0 2 1 * 1", "0 2 L * *", "0 2 * * 5#2", "0 2 15W * *"])
def test_schedule_that_eventbridge_does_not_know_is_refused(schedule: str) -> None:
    with pytest.raises(EventScheduleError, match=schedule.split()[0]):
        event_schedule(schedule)
