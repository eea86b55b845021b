"""The two queues of messages that reached nobody: what they hold, and how a message gets on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names
from lambdas.common.message import Message

UNDELIVERED, DEAD_LETTERS = "undelivered", "dead-letters"
QUEUES = (UNDELIVERED, DEAD_LETTERS)
# While a command looks at a message nobody else gets it.
_HIDDEN_SECONDS = 60
_MOST_AT_ONCE = 10
# The attributes by which EventBridge and Lambda say why an event was not taken.
_ERRORS = ("ERROR_MESSAGE", "ErrorMessage")
_GLUE, _PLATFORM = "aws.glue", "platform"


@dataclass(frozen=True)
class Held:
    """A message of a queue. `receipt` is the right to take it away, for a minute."""

    queue: str
    receipt: str
    since: datetime
    body: dict[str, Any]
    error: str = ""

    @property
    def function(self) -> str:
        """The function that did not take the event: Glue's events are for the notifier, all others of the
        checker.
        """
        return "sla_notifier" if self.body.get("source") == _GLUE else "sla_checker"

    def row(self) -> list[Any]:
        """The columns that a person sees: queue, since, channel, to, why, message."""
        began = f"{self.since:%Y-%m-%d %H:%M:%S}"
        if self.queue == UNDELIVERED:
            title = self.body.get("message", {}).get("title", "")
            return [self.queue, began, *(self.body.get(name) for name in ("channel", "to", "why")), title]
        job = self.body.get("detail", {}).get("jobName", "")
        return [self.queue, began, self.function, None, self.error, f"{self.body.get('detail-type')} {job}"]


@dataclass(frozen=True)
class Queues:
    """The queues of one environment."""

    env: Environment

    def held(self, queue: str, limit: int) -> list[Held]:
        """Up to `limit` messages, hidden from others for a minute; `release` shows them again.

        Raises RunError (RUN671) where the queue is not deployed.
        """
        messages: list[Held] = []
        while len(messages) < limit:
            portion = list(self._receive(queue, limit - len(messages)))
            if not portion:
                break
            messages += portion
        return messages

    def _receive(self, queue: str, limit: int) -> Iterator[Held]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url(queue),
            MaxNumberOfMessages=min(limit, _MOST_AT_ONCE),
            VisibilityTimeout=_HIDDEN_SECONDS,
            MessageAttributeNames=["All"],
            AttributeNames=["SentTimestamp"],
        )
        for message in answer.get("Messages", ()):
            sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
            attributes = message.get("MessageAttributes", {})
            texts = [attributes[name]["StringValue"] for name in _ERRORS if name in attributes]
            yield Held(queue, message["ReceiptHandle"], sent, _body(message["Body"]), " ".join(texts))

    def release(self, messages: list[Held]) -> None:
        """Others may receive the messages again."""
        for message in messages:
            self._sqs.change_message_visibility(
                QueueUrl=self._url(message.queue), ReceiptHandle=message.receipt, VisibilityTimeout=0
            )

    def pass_on(self, message: Held) -> None:
        """Sends a message once more, and then takes it away.

        An undelivered one goes to the topic of owners: to its e-mail address, or to the platform's where it
        was for Slack. An event goes to its function. Raises RunError (RUN672) where the function fails again.
        """
        if message.queue == UNDELIVERED:
            self._publish(message.body)
        else:
            self._invoke(message)
        self.take_away(message)

    def take_away(self, message: Held) -> None:
        """Deletes a message from its queue."""
        self._sqs.delete_message(QueueUrl=self._url(message.queue), ReceiptHandle=message.receipt)

    def _publish(self, body: Mapping[str, Any]) -> None:
        # The names that lambdas/common/topic.py gives the attributes, by which subscriptions filter.
        to = str(body.get("to")) if body.get("channel") == "topic" else _PLATFORM
        sent = dict(body.get("message") or {})
        message = Message.of_json(sent)
        values = {"to": to, "weight": str(message.severity)}
        clients(self.env).sns.publish(
            TopicArn=f"arn:aws:sns:{self.env.region}:{self.env.account}:{names.owner_topic(self.env)}",
            Subject=message.subject,
            Message=json.dumps({"default": json.dumps(sent, ensure_ascii=False), "email": message.text}),
            MessageStructure="json",
            MessageAttributes={k: {"DataType": "String", "StringValue": v} for k, v in values.items()},
        )

    def _invoke(self, message: Held) -> None:
        name = names.function(self.env, message.function)
        answer = (
            clients(self.env)
            .client("lambda")
            .invoke(FunctionName=name, Payload=json.dumps(message.body).encode())
        )
        if answer.get("FunctionError"):
            text = answer["Payload"].read().decode("utf-8", "replace")
            raise RunError(f"function {name} fails again: {text:.300}", code="RUN672")

    @property
    def _sqs(self) -> Any:
        return clients(self.env).client("sqs")

    def _url(self, queue: str) -> str:
        sqs, name = self._sqs, names.queue(self.env, queue)
        try:
            return str(sqs.get_queue_url(QueueName=name)["QueueUrl"])
        except sqs.exceptions.QueueDoesNotExist:
            text = f"there is no queue {name}: the alerts of {self.env.name} are not deployed"
            raise RunError(text, code="RUN671") from None


def _body(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {"text": text}
    return body if isinstance(body, dict) else {"text": text}
