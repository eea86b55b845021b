"""Brings a message to every channel that its job names: each once, each by itself."""

from __future__ import annotations

import json
from typing import Any, Protocol

from lambdas.common import aws
from lambdas.common.job_catalog import Job
from lambdas.common.message import Message
from lambdas.common.redact_patterns import first_line
from lambdas.common.settings import Settings
from lambdas.common.slack import Slack
from lambdas.common.tools import logger
from lambdas.common.topic import Topic

# A finding is told once a day; EventBridge and Lambda repeat an event for a day at most.
REMEMBERED_SECONDS = 36 * 3600
SENT, QUEUED = "sent", "queued"


class Channel(Protocol):
    name: str

    def send(self, message: Message) -> None: ...


def channels(settings: Settings, job: Job) -> list[Channel]:
    """The topic always; Slack where the row names it and the environment has one. Without one the platform's people get the e-mail."""
    slack = bool(job.slack and settings.slack_secret)
    to = "slack" if slack else job.to
    topic: list[Channel] = [Topic(settings.owner_topic_arn, to)]
    return [Slack(settings.slack_secret, job.slack, settings.slack_url), *topic] if slack else topic


def tell(settings: Settings, message: Message, job: Job, context: Any) -> dict[str, str]:
    """Channel → what became of the message there: `sent`, or `queued` where it could not be delivered."""
    return {channel.name: _once(settings, message, channel, context) for channel in channels(settings, job)}


def _once(settings: Settings, message: Message, channel: Channel, context: Any) -> str:
    """Per channel, so that a function that died between two of them repeats only the second when its event comes again."""
    from aws_lambda_powertools.utilities.idempotency import (
        DynamoDBPersistenceLayer,
        IdempotencyConfig,
        idempotent_function,
    )

    store = DynamoDBPersistenceLayer(settings.told_table, boto3_client=aws.dynamodb())
    config = IdempotencyConfig(expires_after_seconds=REMEMBERED_SECONDS, lambda_context=context)

    def send(*, told: dict[str, str]) -> str:
        return _send_or_queue(settings, message, channel)

    once = idempotent_function(
        send, data_keyword_argument="told", persistence_store=store, config=config, key_prefix="told"
    )
    return str(once(told={"key": message.key, "channel": channel.name}))


def _send_or_queue(settings: Settings, message: Message, channel: Channel) -> str:
    try:
        channel.send(message)
    except Exception as error:  # whatever one channel has, the others and the queue must have their turn
        why = first_line(f"{type(error).__name__}: {error}")
        logger.error("not delivered by %s: %s", channel.name, why)
        body = {
            "channel": channel.name,
            "to": vars(channel).get("channel") or vars(channel).get("to"),
            "why": why,
        }
        aws.sqs().send_message(
            QueueUrl=settings.undelivered_url,
            MessageBody=json.dumps({**body, "message": json.loads(message.as_json)}, ensure_ascii=False),
        )
        return QUEUED
    return SENT
