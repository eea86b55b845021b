"""What the check finds in a real audit that the jobs' own code wrote."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit, Counts, RunRow
from lakehouse.environments import names
from lakehouse.pipelines.graph import ancestors
from lambdas.sla_checker.handler import handler
from tests.lambdas.conftest import Context, World, at
from tests.lambdas.slack_server import Reply

TODAY = datetime.now(UTC).date()
# Tomorrow noon: all that was due at night is for the logical date that is today.
NOON = datetime.combine(TODAY + timedelta(days=1), time(12), UTC)
ORDERS = "bronze.snowflake_orders"
JOB = "snowflake_to_bronze"
GOLD = ("gold.fact_sales", "gold.fact_orders", "gold.fact_behavior")


def ran(
    world: World,
    job: str,
    day: date,
    tables: Mapping[str, Counts] | None = None,
    *,
    seconds: float = 60,
    end: str = "finish",
) -> str:
    """A run in the audit, as the jobs' own code leaves it."""
    audit, run_id = Audit(world.env), str(uuid.uuid4())
    audit.start(RunRow(run_id, job, "retail", day))
    if end == "finish":
        audit.finish(run_id, tables=tables or {}, seconds=seconds, cost_estimate_usd=0.01)
    elif end == "fail":
        audit.fail(run_id, RunError("no"), seconds=seconds)
    return run_id


def good_day(world: World, day: date, *, without: str = "") -> None:
    """Every job ran, or runs on, but one and all that wait for it."""
    by_name = {job.name: job for job in world.facts.jobs}
    for job in world.facts.jobs:
        if job.continuous:
            world.make_job(job.name)
            world.run(job.name, "RUNNING")
        elif without not in {job.name, *ancestors(job, by_name)}:
            ran(world, job.name, day, {table: Counts(100, 100) for table in job.writes})


def check(world: World, now: datetime = NOON) -> dict[str, int]:
    found: dict[str, int] = handler(at(now), Context())
    return found


def only(world: World, *jobs: str, fresh: bool = False) -> None:
    """Watches these jobs alone."""

    def change(document: dict[str, Any]) -> None:
        document["jobs"] = [row for row in document["jobs"] if row["name"] in jobs]
        if not fresh:
            document["fresh"] = {}

    world.write_watched(change)


def test_a_day_on_which_all_went_well_is_told_to_nobody(world: World) -> None:
    good_day(world, TODAY)
    assert check(world) == {}
    assert world.told() == []


def test_a_job_that_never_started_is_told_once_a_day_and_what_waits_for_it_is_not(world: World) -> None:
    good_day(world, TODAY, without=JOB)
    world.write_watched(lambda document: document.update(fresh={}))
    for hour in (0, 1, 2):
        assert check(world, NOON + timedelta(hours=hour)) == {"never_started": 1}
    (told,) = world.told()
    assert told["to"] == "retail-data@company.com"
    assert (
        f"{JOB} was due at {NOON.date()} 02:00 UTC for {TODAY}, 600 min ago, and never started"
        in told["What"]
    )
    assert told["links"]["Runbook"].endswith("sla-findings.md#never-started")
    check(world, NOON + timedelta(days=1))
    assert f"[prod] {JOB}: never started" in [one["title"] for one in world.told()]


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

    world.write_watched(change)
    assert check(world) == {"never_started": 1}
    world.make_job(JOB)
    world.run(JOB, "STOPPED")
    assert check(world) == {"never_started": 1}
    world.run(JOB, "RUNNING")
    assert check(world) == {}


@pytest.mark.parametrize(
    ("end", "words"),
    [("killed", f"runs since {TODAY}"), ("fail", "failed 2 times since"), ("finish", "took 61 min")],
)
def test_a_job_without_success_within_its_sla_and_a_run_that_took_longer_are_too_long(
    world: World, end: str, words: str
) -> None:
    only(world, JOB)
    ran(world, JOB, TODAY, end="fail")
    ran(world, JOB, TODAY, {ORDERS: Counts(5, 5)}, seconds=61 * 60, end=end)
    assert check(world) == {"too_long": 1}
    (told,) = world.told()
    assert words in told["What"]
    assert "its SLA is 60 min" in told["What"]


def test_a_success_without_a_row_is_told_unless_that_is_usual(world: World) -> None:
    only(world, JOB)
    for back in range(1, 8):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts(100, 100)})
    ran(world, JOB, TODAY, {ORDERS: Counts(0, 0)})
    assert check(world) == {"zero_records": 1}
    assert f"{JOB} succeeded for {TODAY} and wrote no row" in world.told()[0]["What"]
    for back in (8, 9):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts()})
    assert check(world) == {}


def test_a_second_run_of_a_day_that_finds_nothing_left_is_no_empty_day(world: World) -> None:
    only(world, JOB)
    ran(world, JOB, TODAY, {ORDERS: Counts(100, 100)})
    ran(world, JOB, TODAY, {ORDERS: Counts()})
    assert check(world) == {}


@pytest.mark.parametrize(
    ("rows", "found"), [(1004, {}), (1190, {}), (1500, {"record_count": 1}), (300, {"record_count": 1})]
)
def test_a_count_far_from_its_median_is_told(world: World, rows: int, found: dict[str, int]) -> None:
    only(world, JOB)
    # One outlier in the history moves neither median nor MAD.
    for back, usual in enumerate([1000, 1010, 990, 1005, 995, 50_000, 1002], start=1):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts(usual, usual)})
    ran(world, JOB, TODAY, {ORDERS: Counts(rows, rows)})
    assert check(world) == found
    assert all(f"{ORDERS} {rows:,} rows, usual are 8" in told["What"] for told in world.told())


def test_a_few_days_are_no_history(world: World) -> None:
    only(world, JOB)
    for back in (1, 2, 3):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts(1000, 1000)})
    ran(world, JOB, TODAY, {ORDERS: Counts(1, 1)})
    assert check(world) == {}


def test_an_error_lane_that_grows_is_told(world: World) -> None:
    only(world, JOB)
    for back in range(1, 8):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts(1000, 980 + back, 20 - back, 0)})
    ran(world, JOB, TODAY, {ORDERS: Counts(1000, 900, 100, 0)})
    assert check(world) == {"error_lane": 1}
    assert f"{ORDERS} 100 of 1,000 rows" in world.told()[0]["What"]


def test_gold_that_is_older_than_its_suite_allows_is_told_to_the_one_who_writes_it(world: World) -> None:
    only(world, "silver_to_gold", fresh=True)
    ran(world, "silver_to_gold", TODAY - timedelta(days=3), {table: Counts(9, 9) for table in GOLD})
    ran(world, "silver_to_gold", TODAY, end="fail")
    # fact_behavior may be 14 days old, the others 2.
    assert check(world)["stale"] == 2
    told = [one for one in world.told() if "stale" in one["title"]]
    assert {one["title"] for one in told} == {
        "[prod] gold.fact_sales: stale",
        "[prod] gold.fact_orders: stale",
    }
    assert all(
        f"was last written for {TODAY - timedelta(days=3)}, 3 days before {TODAY}; 2 days are allowed"
        in one["What"]
        for one in told
    )
    assert {post["channel"] for post in world.slack.posts} == {"#retail-analytics"}


def test_gold_that_was_never_written_is_stale(world: World) -> None:
    only(world, "silver_to_gold", fresh=True)
    assert check(world)["stale"] == 3


def test_findings_and_stale_tables_are_counted_each_time_zero_too(
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


def test_a_finding_that_cannot_be_told_does_not_silence_the_others(world: World) -> None:
    world.client("sqs").delete_queue(QueueUrl=world.queues["undelivered"])
    world.slack.replies += [Reply(429, retry_after="999")]
    only(world, "silver_to_gold", "snowflake_to_bronze", fresh=True)
    with pytest.raises(Exception, match=r"NonExistentQueue|does not exist"):
        check(world)
    # Two jobs and three tables; the first message to Slack was lost.
    assert len(world.slack.posts) == 4
    assert len(world.told()) == 4
