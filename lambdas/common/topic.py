"""Publishes messages to the job owners' topic: text for e-mail, JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambdas.common import aws
from lambdas.common.message import Message

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef


class Topic:
    """`to` is an e-mail address, `slack` or `platform`. Each subscription filters by its own."""

    name = "topic"

    def __init__(self, arn: str, to: str) -> None:
        self.arn, self.to = arn, to

    def send(self, message: Message) -> None:
        """Publishes the message. Raises what boto3 raises."""
        bodies = {"default": message.as_json, "email": message.text}
        attributes = {"to": _text(self.to), "weight": _text(message.severity)}
        aws.sns().publish(
            TopicArn=self.arn,
            Subject=message.subject,
            Message=json.dumps(bodies),
            MessageStructure="json",
            MessageAttributes=attributes,
        )


def _text(value: str) -> MessageAttributeValueTypeDef:
    return {"DataType": "String", "StringValue": value}
