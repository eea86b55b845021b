"""SNS: messages to e-mail addresses go to the inbox of the local world; moto drops them."""

from __future__ import annotations

from typing import Any

from moto.sns.models import Subscription, Topic

from local_aws import inbox

_MAIL = ("email", "email-json")
_publish, _send = Subscription.publish, Topic.publish


def _to_subscription(subscription: Any, message: str, message_id: str, *more: Any, **named: Any) -> None:
    """A reader whose filter takes the message gets the text that is meant for mail."""
    _publish(subscription, message, message_id, *more, **named)
    if subscription.protocol not in _MAIL:
        return
    matcher = subscription._filter_policy_matcher
    if matcher is not None and not matcher.matches(named.get("message_attributes"), message):
        return
    text = message
    if named.get("message_structure") == "json":
        text = subscription._parse_message_structure(message, subscription.protocol)
    topic = subscription.topic.arn.rpartition(":")[2]
    inbox.put(subscription.endpoint, topic, named.get("subject") or "", text)


def _to_topic(topic: Any, message: str, *more: Any, **named: Any) -> str:
    """A message that has no reader at all is kept too, so that somebody sees that nobody would."""
    subscriptions, _ = topic.sns_backend.list_subscriptions_by_topic(topic_arn=topic.arn)
    if not subscriptions:
        inbox.put("", topic.arn.rpartition(":")[2], named.get("subject") or "", message)
    message_id: str = _send(topic, message, *more, **named)
    return message_id


Subscription.publish = _to_subscription  # type: ignore[method-assign,assignment]
Topic.publish = _to_topic  # type: ignore[method-assign,assignment]
