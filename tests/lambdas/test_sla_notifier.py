"""When sla_notifier sends a message about a run, and what the message says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit, Counts, RunRow
from lakehouse.environments import names
from tests.lambdas.lambda_events import YESTERDAY
from tests.lambdas.notified import BY_MAIL, exhaust, notify
from tests.lambdas.platform_world import World


def test_a_failure_is_notified_only_after_the_last_retry(world: World) -> None:
    world.make_job(BY_MAIL)
    began = datetime.now(UTC) - timedelta(hours=1)
    for attempt in range(3):
        run_id = world.run(BY_MAIL, "FAILED", run_date=YESTERDAY, at=began + timedelta(minutes=attempt))
        assert notify(world, "failed", BY_MAIL, run_id) == {}
    last = world.run(BY_MAIL, "FAILED", run_date=YESTERDAY, at=began + timedelta(minutes=9))
    assert notify(world, "failed", BY_MAIL, last) == {"topic": "sent"}
    (message,) = world.published()
    assert message["Attempt"] == "4 of 4, the last"
    assert message["to"] == "retail-data@company.com"


def test_attempts_of_another_day_and_before_a_success_do_not_count(world: World) -> None:
    world.make_job(BY_MAIL)
    began = datetime.now(UTC) - timedelta(hours=1)
    for n, (state, day) in enumerate([*[("FAILED", 0)] * 3, ("SUCCEEDED", 0), *[("FAILED", 1)] * 3]):
        world.run(BY_MAIL, state, run_date=YESTERDAY - timedelta(days=day), at=began + timedelta(minutes=n))
    run_id = world.run(BY_MAIL, "FAILED", run_date=YESTERDAY, at=began + timedelta(minutes=30))
    assert notify(world, "failed", BY_MAIL, run_id) == {}


def test_a_message_names_job_run_duration_error_and_links(world: World) -> None:
    run_id = exhaust(world, BY_MAIL, 3, seconds=75 * 60)
    audit = Audit(world.env)
    audit.start(RunRow("4f5c", BY_MAIL, "retail", YESTERDAY))
    audit.fail("4f5c", RunError("snowflake does not answer\nsecond line", code="RUN101"))
    notify(world, "failed", BY_MAIL, run_id)
    (message,) = world.published()
    glue_name = names.glue_job(world.env, BY_MAIL)
    assert message["title"] == f"[prod] {BY_MAIL} failed"
    assert message["Job"] == f"{BY_MAIL} (retail, owner retail_data)"
    assert message["Logical date"] == YESTERDAY.isoformat()
    assert (message["Run"], message["Audit run"]) == (run_id, "4f5c")
    assert message["Took"] == "75 of the 45 min of its SLA, 30 min too long"
    assert message["Error"] == "RUN101 snowflake does not answer"
    assert message["links"]["Run"].endswith(f"#/job/{glue_name}/run/{run_id}")
    assert run_id in message["links"]["Logs"]
    assert message["links"]["Runbook"].endswith("/docs/runbooks/source-down.md")


@pytest.mark.parametrize(
    ("kind", "state", "word"),
    [("failed", "FAILED", "failed"), ("timeout", "TIMEOUT", "timeout"), ("stopped", "STOPPED", "stopped")],
)
def test_every_failed_state_is_notified(world: World, kind: str, state: str, word: str) -> None:
    run_id = exhaust(world, BY_MAIL, 3, state)
    assert notify(world, kind, BY_MAIL, run_id) == {"topic": "sent"}
    assert word in world.published()[0]["title"]


def test_a_run_without_an_audit_row_is_notified_with_glues_redacted_error(
    world: World,
) -> None:
    leak = "Connection to postgresql://app:hunter22@db:5432/x refused, password=hunter22"
    run_id = exhaust(
        world,
        BY_MAIL,
        3,
        error=f"\n{leak}\nat java.lang.X",
    )
    notify(world, "failed", BY_MAIL, run_id)
    (message,) = world.published()
    assert message["Error"] == "Connection to postgresql://***@db:5432/x refused, password=***"
    assert "hunter22" not in json.dumps(message)


def test_a_success_is_notified_in_production_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.make_job(BY_MAIL)
    run_id = world.run(BY_MAIL, "SUCCEEDED", run_date=YESTERDAY)
    assert notify(world, "succeeded", BY_MAIL, run_id) == {"topic": "sent"}
    assert world.published()[0]["weight"] == "success"
    from lambdas.sla_notifier import handler as module

    monkeypatch.setenv("TELL_SUCCESS", "no")
    module._settings.cache_clear()
    module._instrumented.cache_clear()
    assert notify(world, "succeeded", BY_MAIL, world.run(BY_MAIL, "SUCCEEDED", run_date=YESTERDAY)) == {}
    assert world.published() == []


def test_a_delay_is_notified_at_once(world: World) -> None:
    world.make_job(BY_MAIL)
    run_id = world.run(BY_MAIL, "RUNNING", run_date=YESTERDAY)
    assert notify(world, "delay", BY_MAIL, run_id) == {"topic": "sent"}
    (message,) = world.published()
    assert message["title"].endswith("takes too long")
    assert message["links"]["Runbook"].endswith("sla-findings.md#too-long")


def test_a_job_outside_the_catalog_belongs_to_the_platform(world: World) -> None:
    assert notify(world, "failed", "made_by_hand", "jr_1") == {"topic": "sent"}
    (message,) = world.published()
    assert message["to"] == "platform"
    assert "assume role permissions" in message["Error"]


def test_final_failures_and_quarantined_rows_are_emitted_as_metrics(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = exhaust(world, BY_MAIL, 3)
    audit = Audit(world.env)
    audit.start(RunRow("77", BY_MAIL, "retail", YESTERDAY))
    audit.fail("77", RunError("no"), tables={"bronze.snowflake_orders": Counts(10, 7, 3, 0)})
    notify(world, "failed", BY_MAIL, run_id)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    metrics = {m["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]: m for m in lines}
    assert metrics["job_failures"]["job_failures"] == [1.0]
    assert metrics["records_quarantined_total"]["records_quarantined_total"] == [3.0]
    for one in metrics.values():
        (metric,) = one["_aws"]["CloudWatchMetrics"]
        # Exactly the dimensions of glue_jobs/observability/metrics.py, or no alarm would see it.
        assert metric["Namespace"] == names.metrics_namespace(world.env)
        assert {frozenset(d) for d in metric["Dimensions"]} == {frozenset({"job", "environment"})}
        assert (one["job"], one["environment"]) == (BY_MAIL, "prod")
