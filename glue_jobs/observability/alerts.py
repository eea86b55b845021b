"""Sends alerts to people: one message to the alert topic, from which e-mail and Slack take it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.observability.redact import redact, redact_tree
from lakehouse.environments import names
from lakehouse.environments.model import Environment

log = logging.getLogger(__name__)

# SNS's own limits: characters of a subject, bytes of a message.
MAX_SUBJECT = 99
MAX_BODY = 256 * 1024


def topic_arn(env: Environment) -> str:
    """The ARN of the topic that takes the alerts of an environment."""
    return f"arn:aws:sns:{env.region}:{env.account}:{names.alert_topic(env)}"


def alert(env: Environment, subject: str, body: Mapping[str, Any]) -> bool:
    """Publishes `body` as JSON, free of secrets.

    False when that failed: it is logged, and what led here is not hidden by it.
    """
    text = json.dumps(redact_tree(dict(body)), ensure_ascii=False)
    if len(text.encode()) > MAX_BODY:
        text = json.dumps({"truncated": text[: MAX_BODY // 8]})
    # A subject is one line of ASCII, or SNS refuses the whole message.
    line = " ".join(redact(subject).split()).encode("ascii", "replace").decode()[:MAX_SUBJECT]
    try:
        clients(env).sns.publish(TopicArn=topic_arn(env), Subject=line or "alert", Message=text)
    except Exception as error:
        log.error("alert not sent: %s: %s", line, error, extra={"alert": text})
        return False
    return True
