"""Slack's rate limit and errors of its servers are waited for, as long as a function may run."""

from __future__ import annotations

from tests.lambdas.notified import BY_SLACK, exhaust, notify
from tests.lambdas.platform_world import World
from tests.lambdas.slack_server import Reply


def test_a_429_is_retried_after_the_time_it_names(world: World) -> None:
    world.slack.replies += [Reply(429, retry_after="2")]
    assert notify(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2))["slack"] == "sent"
    first, second = world.slack.times
    assert second - first >= 2


def test_a_429_with_a_long_wait_goes_to_the_queue_at_once(world: World) -> None:
    world.slack.replies += [Reply(429, retry_after="3600")]
    assert notify(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2)) == {
        "slack": "queued",
        "topic": "sent",
    }
    assert len(world.slack.posts) == 1


def test_a_500_is_retried(world: World) -> None:
    world.slack.replies += [Reply(500)]
    assert notify(world, "failed", BY_SLACK, exhaust(world, BY_SLACK, 2))["slack"] == "sent"
    assert len(world.slack.posts) == 2
