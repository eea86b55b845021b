"""The alert that a failed task publishes."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from lakehouse.environments import load_environment
from mwaa_dags.alerts import failure_callback, message

TASK = SimpleNamespace(dag_id="d", task_id="t", run_id="r", try_number=1)
NOT_SENT = "alert not sent: d.t failed"


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that refuses every connection, so an attempt to publish ends in the log."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")


def test_a_message_names_owner_error_day_and_runbook() -> None:
    ti = SimpleNamespace(
        dag_id="retail_daily", task_id="dq_gold_gate", run_id="r", try_number=2, log_url="https://log"
    )
    run = SimpleNamespace(logical_date=datetime(2017, 1, 5, 2, tzinfo=UTC))
    error = RuntimeError("RUN301 a gate\nstopped it" + "x" * 900)
    context = {"ti": ti, "dag_run": run, "task": SimpleNamespace(owner="analytics"), "exception": error}
    body = message(load_environment("local"), context, "job-failed")
    assert body["logical_date"] == "2017-01-05"
    assert body["error"].startswith("RUN301 a gate stopped it")
    assert len(body["error"]) == 500
    assert body["runbook"].endswith("/runbooks/job-failed.md")
    assert (body["owner"], body["attempts"]) == ("analytics", "2")


def test_a_failed_glue_run_is_left_to_the_notifier_where_monitoring_is_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failed = RuntimeError("Glue run jr_1 FAILED")
    failed.event_sent = True  # type: ignore[attr-defined]
    context = {"ti": TASK, "exception": failed}
    failure_callback(load_environment("prod"))(context)
    assert "alert not sent" not in caplog.text
    failure_callback(load_environment("local"))(context)
    assert NOT_SENT in caplog.text


def test_an_alert_that_cannot_be_sent_is_logged_and_does_not_raise(caplog: pytest.LogCaptureFixture) -> None:
    failure_callback(load_environment("local"))({"ti": TASK})
    assert NOT_SENT in caplog.text
