"""The alert topic of the second region: an alarm can only publish in its own region."""

from __future__ import annotations

import json
from typing import Any

from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription

from infra.platform_stack import PlatformStack
from lakehouse.environments import names


def replica_topic(stack: PlatformStack, key: KmsKey) -> SnsTopic:
    """The topic, to which the platform's team subscribes by e-mail."""
    provider = {"provider": stack.replica}
    name = names.alert_topic(stack.env)
    topic = SnsTopic(stack, "topic_alerts_replica", name=name, kms_master_key_id=key.arn, **provider)
    policy = json.dumps(_policy(stack))
    SnsTopicPolicy(stack, "policy_alerts_replica", arn=topic.arn, policy=policy, **provider)
    for number, email in enumerate(stack.env.stack.alerts.emails):
        SnsTopicSubscription(
            stack,
            f"subscription_replica_{number}",
            topic_arn=topic.arn,
            protocol="email",
            endpoint=email,
            **provider,
        )
    return topic


def _policy(stack: PlatformStack) -> dict[str, Any]:
    env = stack.env
    arn = f"arn:aws:sns:{env.replica_region}:{env.account}:{names.alert_topic(env)}"
    alarms = {
        "Sid": "OwnAlarms",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": env.account}},
    }
    tls = {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [tls, alarms]}
