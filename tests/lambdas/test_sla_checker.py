"""What sla_checker finds in an audit that the jobs' own code has written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from glue_jobs.state.audit import Counts
from lakehouse.environments import names
from tests.lambdas.checked import GOLD, JOB, NOON, ORDERS, TODAY, check, good_day, only, ran
from tests.lambdas.platform_world import World
from tests.lambdas.slack_server import Reply


def test_a_day_without_faults_has_no_finding(world: World) -> None:
    good_day(world, TODAY)
    assert check(world) == {}
    assert world.published() == []


def test_a_job_that_never_started_is_one_finding_a_day_without_the_jobs_after_it(world: World) -> None:
    good_day(world, TODAY, without=JOB)
    world.write_job_catalog(lambda document: document.update(fresh={}))
    for hour in (0, 1, 2):
        assert check(world, NOON + timedelta(hours=hour)) == {"never_started": 1}
    (message,) = world.published()
    assert message["to"] == "retail-data@company.com"
    assert (
        f"{JOB} was due at {NOON.date()} 02:00 UTC for {TODAY}, 600 min ago, and never started"
        in message["What"]
    )
    assert message["links"]["Runbook"].endswith("sla-findings.md#never-started")
    check(world, NOON + timedelta(days=1))
    assert f"[prod] {JOB}: never started" in [one["title"] for one in world.published()]


def test_a_start_may_be_late_by_the_grace(world: World) -> None:
    only(world, JOB)
    ran(world, JOB, TODAY - timedelta(days=1), {ORDERS: Counts(5, 5)})
    assert check(world, datetime.combine(NOON.date(), time(2, 29), UTC)) == {}
    assert check(world, datetime.combine(NOON.date(), time(2, 31), UTC)) == {"never_started": 1}


def test_a_backfill_of_another_day_is_no_start(world: World) -> None:
    only(world, JOB)
    ran(world, JOB, TODAY - timedelta(days=9), {ORDERS: Counts(5, 5)})
    assert check(world) == {"never_started": 1}


def test_a_continuous_job_must_be_running(world: World) -> None:
    def change(document: dict[str, Any]) -> None:
        (row,) = [row for row in document["jobs"] if row["name"] == JOB]
        document["jobs"], document["fresh"] = [{**row, "schedule": "continuous", "sla_minutes": 0}], {}

    world.write_job_catalog(change)
    assert check(world) == {"never_started": 1}
    world.make_job(JOB)
    world.run(JOB, "STOPPED")
    assert check(world) == {"never_started": 1}
    world.run(JOB, "RUNNING")
    assert check(world) == {}


@pytest.mark.parametrize(
    ("end", "words"),
    [("killed", "runs since 2"), ("fail", "failed 2 times since"), ("finish", "took 61 min")],
)
def test_a_job_without_success_within_its_sla_and_a_run_that_took_longer_are_too_long(
    world: World, end: str, words: str
) -> None:
    only(world, JOB)
    ran(world, JOB, TODAY, end="fail")
    ran(world, JOB, TODAY, {ORDERS: Counts(5, 5)}, seconds=61 * 60, end=end)
    assert check(world) == {"too_long": 1}
    (message,) = world.published()
    assert words in message["What"]
    assert "its SLA is 45 min" in message["What"]


def test_a_stale_gold_table_notifies_the_owner_of_its_writer(world: World) -> None:
    only(world, "silver_to_gold", fresh=True)
    ran(world, "silver_to_gold", TODAY - timedelta(days=3), {table: Counts(9, 9) for table in GOLD})
    ran(world, "silver_to_gold", TODAY, end="fail")
    # fact_behavior may be 14 days old, the others 2.
    assert check(world)["stale"] == 2
    stale = [one for one in world.published() if "stale" in one["title"]]
    assert {one["title"] for one in stale} == {
        "[prod] gold.fact_sales: stale",
        "[prod] gold.fact_orders: stale",
    }
    assert all(
        f"was last written for {TODAY - timedelta(days=3)}, 3 days before {TODAY}; 2 days are allowed"
        in one["What"]
        for one in stale
    )
    assert {post["channel"] for post in world.slack.posts} == {"#retail-analytics"}


def test_gold_that_was_never_written_is_stale(world: World) -> None:
    only(world, "silver_to_gold", fresh=True)
    assert check(world)["stale"] == 3


def test_findings_and_stale_tables_are_emitted_also_when_zero(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good_day(world, TODAY)
    check(world)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert {m["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] for m in lines} == {
        "sla_findings",
        "stale_tables",
    }
    for one in lines:
        assert one["_aws"]["CloudWatchMetrics"][0]["Namespace"] == names.metrics_namespace(world.env)
        assert one["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["environment"]]


def test_an_undeliverable_finding_does_not_stop_the_others(world: World) -> None:
    world.client("sqs").delete_queue(QueueUrl=world.queues["undelivered"])
    world.slack.replies += [Reply(429, retry_after="999")]
    only(world, "silver_to_gold", "snowflake_to_bronze", fresh=True)
    with pytest.raises(Exception, match=r"NonExistentQueue|does not exist"):
        check(world)
    # Two jobs and three tables; the first message to Slack was lost.
    assert len(world.slack.posts) == 4
    assert len(world.published()) == 4
