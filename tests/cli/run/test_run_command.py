"""`lakehouse run` refuses what no run may do before it starts, and fails for all that did not end well."""

from __future__ import annotations

import pytest

from cli.run import commands
from cli.run.outcome import Outcome
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
