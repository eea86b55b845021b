"""The topic that every alert goes through, and who reads it."""

from __future__ import annotations

import json
from typing import Any

from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription

from environments import names
from infra.house import House
from infra.parts import watched
from infra.parts.keys import Keys

SERVICES = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "events.amazonaws.com", "backup.amazonaws.com"]
PLATFORM = "platform"


def alert_topic(house: House, keys: Keys) -> Any:
    """E-mail is SNS's own: no sender's domain to verify, and each reader confirms once. SES would write to anybody unasked."""
    env = house.env
    topic = SnsTopic(
        house,
        "topic_alerts",
        name=names.alert_topic(env),
        display_name=f"{env.project} {env.name}"[:100],
        kms_master_key_id=keys.messages.arn,
    )
    SnsTopicPolicy(house, "policy_alerts", arn=topic.arn, policy=json.dumps(_policy(house)))
    readers = {email: [email] for email in watched.emails(house.facts)}
    for email in env.stack.alerts.emails:
        # The platform's people also get what is addressed to nobody: alarms, budgets, and what a run says itself.
        readers[email] = [*readers.get(email, []), PLATFORM, {"exists": False}]  # type: ignore[list-item]
    for email, to in sorted(readers.items()):
        SnsTopicSubscription(
            house, f"subscription_{_id(email)}", topic_arn=topic.arn, protocol="email", endpoint=email, filter_policy=json.dumps({"to": to})
        )  # fmt: skip
    return topic


def _policy(house: House) -> dict[str, Any]:
    env = house.env
    arn = f"arn:aws:sns:{env.region}:{env.account}:{names.alert_topic(env)}"
    tls = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    only = {"StringEquals": {"aws:SourceAccount": env.account}}
    services = {"Effect": "Allow", "Principal": {"Service": SERVICES}, "Action": "sns:Publish", "Condition": only}
    statements = {"OnlyTls": tls, "OwnServices": services}
    return {"Version": "2012-10-17", "Statement": [{"Sid": sid, "Resource": arn, **statement} for sid, statement in statements.items()]}


def _id(email: str) -> str:
    """Terraform's names hold letters, digits, hyphens and underscores; each other character is its number, so that no two addresses meet."""
    return "".join(ch if ch.isalnum() and ch.isascii() else f"_{ord(ch):x}_" for ch in email)
