"""How messages reach Slack, the topic and the queue of undelivered messages."""

from __future__ import annotations

import json

import pytest

from tests.lambdas.notified import BY_SLACK, exhaust, notify
from tests.lambdas.platform_world import SLACK_TOKEN, World
from tests.lambdas.slack_server import Reply


def test_the_same_event_twice_is_one_message_on_every_channel(world: World) -> None:
    run_id = exhaust(world, BY_SLACK, 2)
    assert notify(world, "failed", BY_SLACK, run_id) == {"slack": "sent", "topic": "sent"}
    assert notify(world, "failed", BY_SLACK, run_id) == {"slack": "sent", "topic": "sent"}
    assert len(world.slack.posts) == 1
    assert len(world.published()) == 1


def test_a_channel_in_the_row_gets_a_slack_message_and_no_email(world: World) -> None:
    notify(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2, error="<!channel> & all"))
    (post,) = world.slack.posts
    assert post["channel"] == "#retail-analytics"
    assert world.slack.tokens == [f"Bearer {SLACK_TOKEN}"]
    assert "*Error:* &lt;!channel&gt; &amp; all" in post["blocks"][1]["text"]["text"]
    assert world.published()[0]["to"] == "slack"


def test_without_slack_the_platforms_address_gets_the_message(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLACK_SECRET")
    assert notify(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2)) == {"topic": "sent"}
    assert world.published()[0]["to"] == "platform"


@pytest.mark.parametrize(
    "replies", [[Reply(500)] * 3, [Reply(429)] * 4, [Reply(delay=2)]], ids=["500", "429", "timeout"]
)
def test_a_message_that_slack_refuses_is_queued_and_the_topic_still_gets_it(
    world: World, replies: list[Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdas.common.slack.TIMEOUT", 1)
    world.slack.replies += replies
    run_id = exhaust(world, BY_SLACK, 2)
    assert notify(world, "failed", BY_SLACK, run_id) == {"slack": "queued", "topic": "sent"}
    (left,) = world.received("undelivered")
    assert (left["channel"], left["to"]) == ("slack", "#retail-analytics")
    assert left["message"]["Run"] == run_id
    assert SLACK_TOKEN not in json.dumps(left)
    assert len(world.published()) == 1


def test_a_missing_topic_does_not_stop_slack(world: World) -> None:
    world.client("sns").delete_topic(TopicArn=world.variables["OWNER_TOPIC_ARN"])
    assert notify(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2)) == {
        "slack": "sent",
        "topic": "queued",
    }
    assert [left["channel"] for left in world.received("undelivered")] == ["topic"]


def test_a_message_that_could_not_be_queued_is_sent_when_its_event_repeats(
    world: World,
) -> None:
    world.slack.replies += [Reply(500)] * 3
    run_id = exhaust(world, BY_SLACK, 2)
    world.client("sqs").delete_queue(QueueUrl=world.queues["undelivered"])
    with pytest.raises(Exception, match=r"NonExistentQueue|does not exist"):
        notify(world, "failed", BY_SLACK, run_id)
    assert notify(world, "failed", BY_SLACK, run_id)["slack"] == "sent"
