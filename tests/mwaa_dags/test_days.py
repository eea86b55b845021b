"""Which day a run processes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from mwaa_dags.days import fault_of_arguments, logical_date, run_day

TWO = datetime(2017, 1, 5, 2, tzinfo=UTC)
SCHEDULED = SimpleNamespace(logical_date=TWO, run_after=TWO + timedelta(days=1))
MANUAL = SimpleNamespace(logical_date=None, run_after=TWO)


def test_a_scheduled_run_processes_the_day_of_its_logical_date() -> None:
    assert run_day({"dag_run": SCHEDULED, "params": {"run_date": None}}) == date(2017, 1, 5)


def test_a_manual_run_without_a_logical_date_processes_the_day_before() -> None:
    assert run_day({"dag_run": MANUAL, "params": {}}) == date(2017, 1, 4)


def test_the_parameter_run_date_comes_first() -> None:
    context = {"dag_run": SCHEDULED, "params": {"run_date": "2016-12-31"}}
    assert run_day(context) == date(2016, 12, 31)
    assert logical_date(context) == datetime(2016, 12, 31, tzinfo=UTC)


def test_a_run_of_a_day_after_today_does_not_start() -> None:
    assert fault_of_arguments({"--run-date": "9999-01-31"}).startswith("RUN141 the run date 9999-01-31")
    assert fault_of_arguments({"--run-date": "2017-01-31"}) == ""
    assert fault_of_arguments({}) == ""
