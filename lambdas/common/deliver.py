"""Delivers a message to every channel of its job, once per channel."""

from __future__ import annotations

import json
from typing import Protocol

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.common import aws
from lambdas.common.job_catalog import Job
from lambdas.common.message import Message
from lambdas.common.redact_patterns import first_line
from lambdas.common.settings import Settings
from lambdas.common.slack import Slack
from lambdas.common.tools import logger
from lambdas.common.topic import Topic

# A finding is sent once a day; EventBridge and Lambda repeat an event for at most a day.
REMEMBERED_SECONDS = 36 * 3600
# The prefix of the keys in the table of sent messages.
KEY_PREFIX = "told"
SENT, QUEUED = "sent", "queued"


class Channel(Protocol):
    """A way to people."""

    name: str

    def send(self, message: Message) -> None:
        """Raises when the channel does not take the message."""


def channels(settings: Settings, job: Job) -> list[Channel]:
    """The owners' topic, and Slack where both the job and the environment have it.

    Without Slack in the environment, the platform's address receives a Slack channel's messages.
    """
    if job.slack and settings.slack_secret:
        slack = Slack(settings.slack_secret, job.slack, settings.slack_url)
        return [slack, Topic(settings.owner_topic_arn, "slack")]
    return [Topic(settings.owner_topic_arn, job.address)]


def deliver(settings: Settings, message: Message, job: Job, context: LambdaContext) -> dict[str, str]:
    """Channel → `sent`, or `queued` where the channel failed."""
    return {channel.name: _once(settings, message, channel, context) for channel in channels(settings, job)}


def _once(settings: Settings, message: Message, channel: Channel, context: LambdaContext) -> str:
    """Sends once per channel: a repeated event sends only what a dead function has not sent."""
    from aws_lambda_powertools.utilities.idempotency import (  # slows a cold start
        DynamoDBPersistenceLayer,
        IdempotencyConfig,
        idempotent_function,
    )

    store = DynamoDBPersistenceLayer(settings.notified_table, boto3_client=aws.dynamodb())
    config = IdempotencyConfig(expires_after_seconds=REMEMBERED_SECONDS, lambda_context=context)

    def send(*, notification: dict[str, str]) -> str:
        return _send_or_queue(settings, message, channel)

    once = idempotent_function(
        send,
        data_keyword_argument="notification",
        persistence_store=store,
        config=config,
        key_prefix=KEY_PREFIX,
    )
    return str(once(notification={"key": message.key, "channel": channel.name}))


def _send_or_queue(settings: Settings, message: Message, channel: Channel) -> str:
    try:
        channel.send(message)
    except Exception as error:  # no error of one channel may stop the other channel or the queue
        cause = first_line(f"{type(error).__name__}: {error}")
        logger.error("not delivered by %s: %s", channel.name, cause)
        _queue(settings, message, channel, cause)
        return QUEUED
    return SENT


def _queue(settings: Settings, message: Message, channel: Channel, cause: str) -> None:
    """Puts the message and the cause into the queue of undelivered messages."""
    address = vars(channel).get("channel") or vars(channel).get("to")
    body = {"channel": channel.name, "to": address, "why": cause, "message": json.loads(message.as_json)}
    aws.sqs().send_message(
        QueueUrl=settings.undelivered_url, MessageBody=json.dumps(body, ensure_ascii=False)
    )
