"""Who hears of a run, when, and what."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit, Counts, RunRow
from lakehouse.environments import names
from lambdas.sla_notifier.handler import handler
from tests.lambdas.conftest import SLACK_TOKEN, YESTERDAY, Context, World, event
from tests.lambdas.slack_server import Reply

# A row of retail/job.csv with an e-mail address and three retries, and one with a channel and two.
BY_MAIL, BY_SLACK = "snowflake_to_bronze", "silver_to_gold"


def happened(world: World, kind: str, job: str, run_id: str, **detail: str) -> dict[str, str]:
    told: dict[str, str] = handler(
        event(kind, jobName=names.glue_job(world.env, job), jobRunId=run_id, **detail), Context()
    )
    return told


def exhaust(world: World, job: str, retries: int, state: str = "FAILED", **run: Any) -> str:
    """Fails as often as the row allows; the id of the last run."""
    world.make_job(job)
    began = datetime.now(UTC) - timedelta(hours=1)
    ids = [
        world.run(job, state, run_date=YESTERDAY, at=began + timedelta(minutes=n), **run)
        for n in range(retries + 1)
    ]
    return ids[-1]


def test_a_failure_is_told_only_after_the_last_retry(world: World) -> None:
    world.make_job(BY_MAIL)
    began = datetime.now(UTC) - timedelta(hours=1)
    for attempt in range(3):
        run_id = world.run(BY_MAIL, "FAILED", run_date=YESTERDAY, at=began + timedelta(minutes=attempt))
        assert happened(world, "failed", BY_MAIL, run_id) == {}
    last = world.run(BY_MAIL, "FAILED", run_date=YESTERDAY, at=began + timedelta(minutes=9))
    assert happened(world, "failed", BY_MAIL, last) == {"topic": "sent"}
    (told,) = world.told()
    assert told["Attempt"] == "4 of 4, the last"
    assert told["to"] == "retail-data@company.com"


def test_attempts_of_another_day_and_before_a_success_do_not_count(world: World) -> None:
    world.make_job(BY_MAIL)
    began = datetime.now(UTC) - timedelta(hours=1)
    for n, (state, day) in enumerate([*[("FAILED", 0)] * 3, ("SUCCEEDED", 0), *[("FAILED", 1)] * 3]):
        world.run(BY_MAIL, state, run_date=YESTERDAY - timedelta(days=day), at=began + timedelta(minutes=n))
    run_id = world.run(BY_MAIL, "FAILED", run_date=YESTERDAY, at=began + timedelta(minutes=30))
    assert happened(world, "failed", BY_MAIL, run_id) == {}


def test_a_message_says_job_run_time_against_sla_error_and_where_to_look(world: World) -> None:
    run_id = exhaust(world, BY_MAIL, 3, seconds=75 * 60)
    audit = Audit(world.env)
    audit.start(RunRow("4f5c", BY_MAIL, "retail", YESTERDAY))
    audit.fail("4f5c", RunError("snowflake does not answer\nsecond line", code="RUN101"))
    happened(world, "failed", BY_MAIL, run_id)
    (told,) = world.told()
    glue_name = names.glue_job(world.env, BY_MAIL)
    assert told["title"] == f"[prod] {BY_MAIL} failed"
    assert told["Job"] == f"{BY_MAIL} (retail, owner retail_data)"
    assert told["Logical date"] == YESTERDAY.isoformat()
    assert (told["Run"], told["Audit run"]) == (run_id, "4f5c")
    assert told["Took"] == "75 of the 60 min of its SLA, 15 min too long"
    assert told["Error"] == "RUN101 snowflake does not answer"
    assert told["links"]["Run"].endswith(f"#/job/{glue_name}/run/{run_id}")
    assert run_id in told["links"]["Logs"]
    assert told["links"]["Runbook"].endswith("/docs/runbooks/source-down.md")


@pytest.mark.parametrize(
    ("kind", "state", "word"),
    [("failed", "FAILED", "failed"), ("timeout", "TIMEOUT", "timeout"), ("stopped", "STOPPED", "stopped")],
)
def test_every_bad_end_is_told(world: World, kind: str, state: str, word: str) -> None:
    run_id = exhaust(world, BY_MAIL, 3, state)
    assert happened(world, kind, BY_MAIL, run_id) == {"topic": "sent"}
    assert word in world.told()[0]["title"]


def test_a_run_that_died_before_it_could_write_tells_glues_own_first_line_without_secrets(
    world: World,
) -> None:
    run_id = exhaust(
        world,
        BY_MAIL,
        3,
        error="\nConnection to postgresql://app:hunter22@db:5432/x refused, password=hunter22\nat java.lang.X",
    )
    happened(world, "failed", BY_MAIL, run_id)
    (told,) = world.told()
    assert told["Error"] == "Connection to postgresql://***@db:5432/x refused, password=***"
    assert "hunter22" not in json.dumps(told)


def test_a_success_is_told_in_production_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.make_job(BY_MAIL)
    run_id = world.run(BY_MAIL, "SUCCEEDED", run_date=YESTERDAY)
    assert happened(world, "succeeded", BY_MAIL, run_id) == {"topic": "sent"}
    assert world.told()[0]["weight"] == "success"
    from lambdas.sla_notifier import handler as module

    monkeypatch.setenv("TELL_SUCCESS", "no")
    module._settings.cache_clear()
    module._framed.cache_clear()
    assert happened(world, "succeeded", BY_MAIL, world.run(BY_MAIL, "SUCCEEDED", run_date=YESTERDAY)) == {}
    assert world.told() == []


def test_a_delay_is_told_at_once(world: World) -> None:
    world.make_job(BY_MAIL)
    run_id = world.run(BY_MAIL, "RUNNING", run_date=YESTERDAY)
    assert happened(world, "delay", BY_MAIL, run_id) == {"topic": "sent"}
    (told,) = world.told()
    assert told["title"].endswith("takes too long")
    assert told["links"]["Runbook"].endswith("sla-findings.md#too-long")


def test_the_same_event_twice_is_one_message_on_every_channel(world: World) -> None:
    run_id = exhaust(world, BY_SLACK, 2)
    assert happened(world, "failed", BY_SLACK, run_id) == {"slack": "sent", "topic": "sent"}
    assert happened(world, "failed", BY_SLACK, run_id) == {"slack": "sent", "topic": "sent"}
    assert len(world.slack.posts) == 1
    assert len(world.told()) == 1


def test_a_channel_in_the_row_gets_slacks_message_and_nobody_an_email(world: World) -> None:
    happened(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2, error="<!channel> & all"))
    (post,) = world.slack.posts
    assert post["channel"] == "#retail-analytics"
    assert world.slack.tokens == [f"Bearer {SLACK_TOKEN}"]
    assert "*Error:* &lt;!channel&gt; &amp; all" in post["blocks"][1]["text"]["text"]
    assert world.told()[0]["to"] == "slack"


def test_without_a_slack_its_people_are_told_by_the_platforms_email(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLACK_SECRET")
    assert happened(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2)) == {"topic": "sent"}
    assert world.told()[0]["to"] == "platform"


def test_slacks_429_is_waited_out_for_as_long_as_it_says(world: World) -> None:
    world.slack.replies += [Reply(429, retry_after="2")]
    assert happened(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2))["slack"] == "sent"
    first, second = world.slack.times
    assert second - first >= 2


def test_a_429_that_asks_for_too_long_goes_to_the_queue_at_once(world: World) -> None:
    world.slack.replies += [Reply(429, retry_after="3600")]
    assert happened(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2)) == {
        "slack": "queued",
        "topic": "sent",
    }
    assert len(world.slack.posts) == 1


def test_a_500_of_slack_is_tried_again(world: World) -> None:
    world.slack.replies += [Reply(500)]
    assert happened(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2))["slack"] == "sent"
    assert len(world.slack.posts) == 2


@pytest.mark.parametrize(
    "replies", [[Reply(500)] * 3, [Reply(429)] * 4, [Reply(delay=2)]], ids=["500", "429", "timeout"]
)
def test_what_slack_does_not_take_lies_in_the_queue_and_the_other_channel_is_not_stopped(
    world: World, replies: list[Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdas.common.slack.TIMEOUT", 1)
    world.slack.replies += replies
    run_id = exhaust(world, BY_SLACK, 2)
    assert happened(world, "failed", BY_SLACK, run_id) == {"slack": "queued", "topic": "sent"}
    (left,) = world.received("undelivered")
    assert (left["channel"], left["to"]) == ("slack", "#retail-analytics")
    assert left["message"]["Run"] == run_id
    assert SLACK_TOKEN not in json.dumps(left)
    assert len(world.told()) == 1


def test_a_topic_that_is_gone_does_not_stop_slack(world: World) -> None:
    world.client("sns").delete_topic(TopicArn=world.variables["OWNER_TOPIC_ARN"])
    assert happened(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2)) == {
        "slack": "sent",
        "topic": "queued",
    }
    assert [left["channel"] for left in world.received("undelivered")] == ["topic"]


def test_a_failure_that_reached_neither_channel_nor_queue_is_told_when_its_event_comes_again(
    world: World,
) -> None:
    world.slack.replies += [Reply(500)] * 3
    run_id = exhaust(world, BY_SLACK, 2)
    world.client("sqs").delete_queue(QueueUrl=world.queues["undelivered"])
    with pytest.raises(Exception, match=r"NonExistentQueue|does not exist"):
        happened(world, "failed", BY_SLACK, run_id)
    assert happened(world, "failed", BY_SLACK, run_id)["slack"] == "sent"


def test_a_job_that_the_facts_do_not_know_is_the_platforms(world: World) -> None:
    assert happened(world, "failed", "made_by_hand", "jr_1") == {"topic": "sent"}
    (told,) = world.told()
    assert told["to"] == "platform"
    assert "assume role permissions" in told["Error"]


def test_final_failures_and_rejected_rows_are_counted_for_alarms_and_dashboard(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = exhaust(world, BY_MAIL, 3)
    audit = Audit(world.env)
    audit.start(RunRow("77", BY_MAIL, "retail", YESTERDAY))
    audit.fail("77", RunError("no"), tables={"bronze.snowflake_orders": Counts(10, 7, 3, 0)})
    happened(world, "failed", BY_MAIL, run_id)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    found = {m["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]: m for m in lines}
    assert found["job_failures"]["job_failures"] == [1.0]
    assert found["records_quarantined_total"]["records_quarantined_total"] == [3.0]
    for one in found.values():
        (metric,) = one["_aws"]["CloudWatchMetrics"]
        # Exactly the dimensions of glue_jobs/observability/metrics.py, or no alarm would see it.
        assert metric["Namespace"] == names.metrics_namespace(world.env)
        assert {frozenset(d) for d in metric["Dimensions"]} == {frozenset({"job", "environment"})}
        assert (one["job"], one["environment"]) == (BY_MAIL, "prod")
