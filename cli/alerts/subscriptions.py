"""Who is subscribed to the alerts of an environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from glue_jobs.aws import clients
from lakehouse.environments import Environment

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef


def subscriptions_of(env: Environment, topic: str) -> Iterator[SubscriptionTypeDef]:
    """The subscriptions of a topic, which is named without its ARN; unconfirmed ones have no ARN yet."""
    arn = f"arn:aws:sns:{env.region}:{env.account}:{topic}"
    for page in clients(env).sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn):
        yield from page["Subscriptions"]
