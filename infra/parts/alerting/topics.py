"""The two topics that alerts go through, and who reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription

from infra.parts.alerting import job_catalog
from infra.parts.encryption.keys import Keys
from infra.platform_stack import PlatformStack
from lakehouse.environments import names

PUBLISHERS = [
    "cloudwatch.amazonaws.com",
    "budgets.amazonaws.com",
    "events.amazonaws.com",
    "backup.amazonaws.com",
]
PLATFORM = "platform"


def alert_topic(stack: PlatformStack, keys: Keys) -> Any:
    """What is nobody's job: alarms, the budget, and what a run itself says. All of it goes to the platform's people.

    E-mail is SNS's own: no sender's domain to verify, and each reader confirms once. SES would write to anybody unasked.
    """
    topic = _topic(stack, keys, "alerts", names.alert_topic(stack.env), PUBLISHERS)
    for email in stack.env.stack.alerts.emails:
        SnsTopicSubscription(
            stack, f"alerts_{_id(email)}", topic_arn=topic.arn, protocol="email", endpoint=email
        )
    return topic


def owner_topic(stack: PlatformStack, keys: Keys) -> Any:
    """What the functions tell of a job. A topic of its own: a filter lets nothing through that has no attribute at all, as an alarm has none."""
    topic = _topic(stack, keys, "owners", names.owner_topic(stack.env), [])
    readers = {email: [email] for email in job_catalog.emails(stack.facts)}
    for email in stack.env.stack.alerts.emails:
        readers[email] = [*readers.get(email, []), PLATFORM]
    for email, to in sorted(readers.items()):
        wanted = json.dumps({"to": to})
        SnsTopicSubscription(
            stack,
            f"owners_{_id(email)}",
            topic_arn=topic.arn,
            protocol="email",
            endpoint=email,
            filter_policy=wanted,
        )
    return topic


def _topic(stack: PlatformStack, keys: Keys, name: str, physical: str, services: Sequence[str]) -> Any:
    topic = SnsTopic(stack, f"topic_{name}", name=physical, kms_master_key_id=keys.messages.arn)
    SnsTopicPolicy(
        stack, f"topic_policy_{name}", arn=topic.arn, policy=json.dumps(_policy(stack, physical, services))
    )
    return topic


def _policy(stack: PlatformStack, physical: str, services: Sequence[str]) -> dict[str, Any]:
    """Roles of this account publish by their own policies."""
    env = stack.env
    arn = f"arn:aws:sns:{env.region}:{env.account}:{physical}"
    tls = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sns:Publish",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    only = {"StringEquals": {"aws:SourceAccount": env.account}}
    own = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": "sns:Publish",
        "Condition": only,
    }
    statements = {"OnlyTls": tls, **({"OwnServices": own} if services else {})}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, "Resource": arn, **statement} for sid, statement in statements.items()],
    }


def _id(email: str) -> str:
    """Terraform's names hold letters, digits, hyphens and underscores; each other character is its number, so that no two addresses meet."""
    return "".join(ch if ch.isalnum() and ch.isascii() else f"_{ord(ch):x}_" for ch in email)
