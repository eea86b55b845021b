"""Which logical date a Glue run processes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lambdas.sla_notifier.attempts import glue_run


@pytest.mark.parametrize(
    ("arguments", "day"),
    [
        ({"--run-date": "2026-03-01"}, date(2026, 3, 1)),
        ({"--run_date": "2026-03-01"}, date(2026, 3, 1)),
        ({}, date(2026, 4, 30)),
        ({"--run-date": "soon"}, date(2026, 4, 30)),
    ],
)
def test_the_logical_date_of_a_glue_run_is_its_argument_or_the_day_before_its_start(
    arguments: dict[str, str], day: date
) -> None:
    run = {
        "Id": "jr",
        "JobRunState": "FAILED",
        "StartedOn": datetime(2026, 5, 1, 0, 30, tzinfo=UTC),
        "Arguments": arguments,
    }
    assert glue_run(run).run_date == day
