"""Which schedules fit into one DAG, and which runs process the same day."""

from __future__ import annotations

from datetime import UTC, datetime

from lakehouse.orchestration.schedules import awaited_dates, fits, logical_dates


def test_a_run_processes_the_day_before_it_starts() -> None:
    day = datetime(2017, 1, 5).date()
    assert logical_dates("0 2 * * *", day) == [datetime(2017, 1, 5, 2, tzinfo=UTC)]
    assert logical_dates("30 */12 * * *", day) == [
        datetime(2017, 1, 5, 0, 30, tzinfo=UTC),
        datetime(2017, 1, 5, 12, 30, tzinfo=UTC),
    ]
    # The sixth of January 2017 is a Friday.
    assert logical_dates("0 2 * * 5", day) != []
    assert logical_dates("0 2 * * 4", day) == []


def test_a_run_waits_for_all_runs_of_its_day_unless_both_schedules_are_equal() -> None:
    noon = datetime(2017, 1, 5, 12, tzinfo=UTC)
    assert awaited_dates("0 5 * * *", "0 2 * * *", noon) == [datetime(2017, 1, 5, 2, tzinfo=UTC)]
    assert len(awaited_dates("0 5 * * *", "0 * * * *", noon)) == 24
    assert awaited_dates("0 * * * *", "0 * * * *", noon) == [noon]
    assert awaited_dates("0 5 * * *", "0 2 * * 4", noon) == []


def test_a_dag_takes_jobs_at_other_hours_of_the_same_days_only() -> None:
    assert fits("0 5 * * *", "0 2 * * *")
    assert fits("0 5 * * 1-5", "30 2 * * 1-5")
    assert not fits("0 5 * * 1", "0 2 * * *")
    assert not fits("0 */2 * * *", "0 2 * * *")
