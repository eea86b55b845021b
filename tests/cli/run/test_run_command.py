"""`lakehouse run` refuses what no run may do before it starts, and fails for all that did not end well."""

from __future__ import annotations

from datetime import date

import pytest

from cli.run import commands
from cli.run.outcome import Outcome
from glue_jobs.state.audit import Counts
from tests.cli.calls import Call, caller

DAY = ("--run-date", "2017-01-31")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return caller(monkeypatch, capsys)


def test_a_run_date_after_today_is_a_wrong_argument(call: Call) -> None:
    answer = call("run", "--env", "local", "--job", "silver_to_gold", "--run-date", "9999-01-31")
    assert answer.code == 2
    assert "RUN141 the run date 9999-01-31 is after today" in answer.err


def test_a_gate_has_nothing_to_make_anew(call: Call) -> None:
    answer = call("run", "--env", "local", "--job", "dq_silver_gate", *DAY, "--full-refresh")
    assert answer.code == 2
    assert "LK330" in answer.err


def test_a_pipeline_is_not_made_anew_at_once(call: Call) -> None:
    answer = call("run", "--env", "local", "--pipeline", "retail", *DAY, "--full-refresh")
    assert answer.code == 2
    assert "name it with --job" in answer.err


@pytest.mark.parametrize(("status", "code"), [("done", 0), ("failed", 1), ("skipped", 1), ("running", 1)])
def test_anything_but_success_is_a_failure_though_it_has_no_message(
    status: str, code: int, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = Outcome("silver_to_gold", status, warnings=["its query changed"])
    monkeypatch.setattr(commands, "execute", lambda *_, **__: [outcome])
    answer = call("run", "--env", "local", "--job", "silver_to_gold", *DAY)
    assert answer.code == code
    assert "silver_to_gold: warning: its query changed" in answer.err


def test_dates_run_in_order_and_stop_at_the_first_that_fails(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[str] = []

    def execute(_: str, __: object, day: date, **___: object) -> list[Outcome]:
        days.append(day.isoformat())
        return [Outcome("silver_to_gold", "failed" if day.day == 2 else "done")]

    monkeypatch.setattr(commands, "execute", execute)
    answer = call(
        *("run", "--env", "local", "--job", "silver_to_gold", "--from", "2017-01-01", "--to", "2017-01-04")
    )
    assert days == ["2017-01-01", "2017-01-02"]
    assert answer.code == 1
    assert "not run: 2017-01-03 to 2017-01-04" in answer.err


def test_a_job_without_news_is_unchanged_and_says_since_when(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = Outcome(
        "dq_silver_gate",
        "done",
        counts={"silver.orders": Counts(), "silver.products": Counts()},
        unchanged={
            "silver.orders": "2017-02-01T04:10:12.345+00:00",
            "silver.products": "2017-02-01T04:10:59.000+00:00",
        },
    )
    monkeypatch.setattr(commands, "execute", lambda *_, **__: [outcome])
    answer = call("run", "--env", "local", "--job", "dq_silver_gate", *DAY)
    assert "dq_silver_gate  unchanged" in answer.out
    assert "silver.orders, silver.products: unchanged since 2017-02-01 04:10" in answer.out


def test_a_table_of_no_job_of_the_run_is_not_forced(call: Call) -> None:
    answer = call("run", "--env", "local", "--job", "dq_silver_gate", *DAY, "--force", "bronze.orders")
    assert answer.code == 2
    assert "LK237" in answer.err
