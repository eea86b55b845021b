"""Alarms on what the facts promise: how far the second region may be behind, and that backups arrive there."""

from __future__ import annotations

import json
from math import ceil
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription

from infra.parts.alerting.notifiers import Notifiers
from infra.parts.recovery.replication import REPLICATED, RULE
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone

MINUTE, HOUR = 60, 3600
RUNBOOK = "See docs/runbooks/dr-restore.md"


def topic(stack: PlatformStack, own: Any) -> Any:
    """An alarm can only tell a topic of its own region; this one also speaks when the first region does not."""
    env = stack.env
    there = {"provider": stack.replica}
    made = SnsTopic(
        stack, "topic_alerts_replica", name=names.alert_topic(env), kms_master_key_id=own.arn, **there
    )
    SnsTopicPolicy(stack, "policy_alerts_replica", arn=made.arn, policy=json.dumps(_policy(stack)), **there)
    for number, email in enumerate(env.stack.alerts.emails):
        SnsTopicSubscription(
            stack,
            f"subscription_replica_{number}",
            topic_arn=made.arn,
            protocol="email",
            endpoint=email,
            **there,
        )
    return made


def alarms(stack: PlatformStack, notifiers: Notifiers, there: Any) -> None:
    for zone in REPLICATED:
        _replicated(stack, notifiers, there, zone)
    _backed_up(stack, notifiers)


def _replicated(stack: PlatformStack, notifiers: Notifiers, there: Any, zone: Zone) -> None:
    env = stack.env
    rpo = env.stack.recovery.rpo_minutes
    of = {
        "SourceBucket": names.bucket(env, zone),
        "DestinationBucket": names.replica_bucket(env, zone),
        "RuleId": RULE,
    }
    # S3 says how far the copy is behind where the copy is, and what it could not copy where it could not.
    _alarm(
        stack,
        f"replication_late_{zone}",
        there,
        "AWS/S3",
        "ReplicationLatency",
        of,
        f"The copy of {zone} is more than its RPO of {rpo} min behind",
        statistic="Maximum",
        comparison_operator="GreaterThanThreshold",
        threshold=rpo * 60,
        period=MINUTE,
        evaluation_periods=5,
        datapoints_to_alarm=3,
        provider=stack.replica,
    )
    _alarm(
        stack,
        f"replication_failed_{zone}",
        notifiers,
        "AWS/S3",
        "OperationsFailedReplication",
        of,
        f"Objects of {zone} were not copied to {env.replica_region}; S3 does not try again",
        statistic="Sum",
        comparison_operator="GreaterThanThreshold",
        threshold=0,
        period=5 * MINUTE,
        evaluation_periods=1,
    )


def _backed_up(stack: PlatformStack, notifiers: Notifiers) -> None:
    env = stack.env
    vault = {"BackupVaultName": names.backup_vault(env)}
    failed = {
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 0,
        "period": HOUR,
        "evaluation_periods": 1,
        "statistic": "Sum",
    }
    for what, metric in {
        "backup": "NumberOfBackupJobsFailed",
        "backup_copy": "NumberOfCopyJobsFailed",
    }.items():
        text = f"A {what.replace('_', ' ')} of the state or the Lakebase failed"
        _alarm(stack, f"{what}_failed", notifiers, "AWS/Backup", metric, vault, text, **failed)
    promised = env.stack.recovery.backup_rpo_minutes
    hours = ceil(promised / 60)
    _alarm(
        stack,
        "backup_old",
        notifiers,
        "AWS/Backup",
        "NumberOfCopyJobsCompleted",
        vault,
        f"No backup reached {env.replica_region} within the RPO of {promised} min",
        statistic="Sum",
        comparison_operator="LessThanThreshold",
        threshold=1,
        period=HOUR,
        evaluation_periods=hours,
        datapoints_to_alarm=hours,
        treat_missing_data="breaching",
    )


def _alarm(
    stack: PlatformStack,
    place: str,
    tell: Any,
    namespace: str,
    metric: str,
    of: dict[str, str],
    text: str,
    **how: Any,
) -> None:
    """`tell`: the notifiers, or the topic of the second region."""
    arn = tell.topic_arn if isinstance(tell, Notifiers) else tell.arn
    CloudwatchMetricAlarm(
        stack,
        f"recovery_{place}",
        alarm_name=names.alarm(stack.env, f"recovery-{place.replace('_', '-')}"),
        namespace=namespace,
        metric_name=metric,
        dimensions=of,
        alarm_description=f"{text}. {RUNBOOK}",
        alarm_actions=[arn],
        ok_actions=[arn],
        **{"treat_missing_data": "notBreaching", **how},
    )


def _policy(stack: PlatformStack) -> dict[str, Any]:
    env = stack.env
    arn = f"arn:aws:sns:{env.replica_region}:{env.account}:{names.alert_topic(env)}"
    own = {
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
    return {"Version": "2012-10-17", "Statement": [tls, own]}
