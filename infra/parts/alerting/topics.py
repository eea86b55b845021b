"""The two SNS topics of alerts, and their subscriptions by e-mail.

SNS sends the e-mail: no sender's domain must be verified, and each reader confirms the subscription.
"""

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

# No rule of EventBridge publishes here: for an encrypted topic it sends no aws:SourceAccount, so the first
# one would be silent.
PUBLISHERS = [
    "cloudwatch.amazonaws.com",
    "budgets.amazonaws.com",
    "backup.amazonaws.com",
]
# The address of messages about jobs without an e-mail address; see lambdas/common/job_catalog.py.
PLATFORM = "platform"


def alert_topic(stack: PlatformStack, keys: Keys) -> SnsTopic:
    """The topic of alarms, budgets and runs. The platform's team receives all messages."""
    topic = _topic(stack, keys, "alerts", names.alert_topic(stack.env), PUBLISHERS)
    for email in stack.env.stack.alerts.emails:
        resource = f"alerts_{_terraform_name(email)}"
        SnsTopicSubscription(stack, resource, topic_arn=topic.arn, protocol="email", endpoint=email)
    return topic


def owner_topic(stack: PlatformStack, keys: Keys) -> SnsTopic:
    """The topic of messages to job owners, each of whom receives only the own ones.

    It is a topic of its own, because a subscription with a filter receives no message without attributes,
    such as an alarm.
    """
    topic = _topic(stack, keys, "owners", names.owner_topic(stack.env), [])
    readers = {email: [email] for email in job_catalog.emails(stack.facts)}
    for email in stack.env.stack.alerts.emails:
        readers[email] = [*readers.get(email, []), PLATFORM]
    for email, addresses in sorted(readers.items()):
        SnsTopicSubscription(
            stack,
            f"owners_{_terraform_name(email)}",
            topic_arn=topic.arn,
            protocol="email",
            endpoint=email,
            filter_policy=json.dumps({"to": addresses}),
        )
    return topic


def _topic(stack: PlatformStack, keys: Keys, name: str, physical: str, services: Sequence[str]) -> SnsTopic:
    topic = SnsTopic(stack, f"topic_{name}", name=physical, kms_master_key_id=keys.messages.arn)
    policy = json.dumps(_policy(stack, physical, services))
    SnsTopicPolicy(stack, f"topic_policy_{name}", arn=topic.arn, policy=policy)
    return topic


def _policy(stack: PlatformStack, physical: str, services: Sequence[str]) -> dict[str, Any]:
    """Requires TLS and lets AWS services publish. Roles of the account publish by their own policies."""
    env = stack.env
    arn = f"arn:aws:sns:{env.region}:{env.account}:{physical}"
    tls = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sns:Publish",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    aws_services = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": "sns:Publish",
        "Condition": {"StringEquals": {"aws:SourceAccount": env.account}},
    }
    statements = {"OnlyTls": tls, **({"OwnServices": aws_services} if services else {})}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, "Resource": arn, **statement} for sid, statement in statements.items()],
    }


def _terraform_name(email: str) -> str:
    """Replaces what Terraform forbids in a name by code points: two addresses never get one name."""
    return "".join(ch if ch.isalnum() and ch.isascii() else f"_{ord(ch):x}_" for ch in email)
