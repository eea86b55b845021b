"""Alarms on the recovery objectives: how late the copies are, and whether backups reach the second region."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm

from infra.parts.recovery.replication import RULE
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import REPLICATED, Zone

MINUTE, HOUR = 60, 3600
RUNBOOK = "See docs/runbooks/dr-restore.md"


@dataclass(frozen=True)
class _Alarm:
    """What differs between alarms. `period` is in seconds; `rises` counts the periods that must breach."""

    name: str
    namespace: str
    metric: str
    dimensions: dict[str, str]
    text: str
    statistic: str = "Sum"
    operator: str = "GreaterThanThreshold"
    threshold: float = 0
    period: int = HOUR
    periods: int = 1
    rises: int | None = None
    missing: str = "notBreaching"


def recovery_alarms(stack: PlatformStack, topic_arn: str, replica_topic_arn: str) -> None:
    """The alarms of both regions; each publishes to the topic of its own region."""
    for zone in REPLICATED:
        # S3 reports the latency in the region of the copy, and failures in the region of the source.
        _add(stack, _replication_late(stack, zone), replica_topic_arn, provider=stack.replica)
        _add(stack, _replication_failed(stack, zone), topic_arn)
    for alarm in (*_backups_failed(stack), _backup_old(stack)):
        _add(stack, alarm, topic_arn)


def _replication_late(stack: PlatformStack, zone: Zone) -> _Alarm:
    rpo = stack.env.stack.recovery.rpo_minutes
    return _Alarm(
        name=f"replication_late_{zone}",
        namespace="AWS/S3",
        metric="ReplicationLatency",
        dimensions=_replication(stack, zone),
        text=f"The copy of {zone} is more than its RPO of {rpo} min behind",
        statistic="Maximum",
        threshold=rpo * 60,
        period=MINUTE,
        periods=5,
        rises=3,
    )


def _replication_failed(stack: PlatformStack, zone: Zone) -> _Alarm:
    return _Alarm(
        name=f"replication_failed_{zone}",
        namespace="AWS/S3",
        metric="OperationsFailedReplication",
        dimensions=_replication(stack, zone),
        text=f"Objects of {zone} were not copied to {stack.env.replica_region}; S3 does not try again",
        period=5 * MINUTE,
    )


def _backups_failed(stack: PlatformStack) -> tuple[_Alarm, ...]:
    metrics = {"backup": "NumberOfBackupJobsFailed", "backup_copy": "NumberOfCopyJobsFailed"}
    return tuple(
        _Alarm(
            name=f"{kind}_failed",
            namespace="AWS/Backup",
            metric=metric,
            dimensions=_vault(stack),
            text=f"A {kind.replace('_', ' ')} of the state or the Lakebase failed",
        )
        for kind, metric in metrics.items()
    )


def _backup_old(stack: PlatformStack) -> _Alarm:
    rpo = stack.env.stack.recovery.backup_rpo_minutes
    hours = ceil(rpo / 60)
    return _Alarm(
        name="backup_old",
        namespace="AWS/Backup",
        metric="NumberOfCopyJobsCompleted",
        dimensions=_vault(stack),
        text=f"No backup reached {stack.env.replica_region} within the RPO of {rpo} min",
        operator="LessThanThreshold",
        threshold=1,
        periods=hours,
        rises=hours,
        missing="breaching",
    )


def _replication(stack: PlatformStack, zone: Zone) -> dict[str, str]:
    return {
        "SourceBucket": names.bucket(stack.env, zone),
        "DestinationBucket": names.replica_bucket(stack.env, zone),
        "RuleId": RULE,
    }


def _vault(stack: PlatformStack) -> dict[str, str]:
    return {"BackupVaultName": names.backup_vault(stack.env)}


def _add(stack: PlatformStack, alarm: _Alarm, topic_arn: str, **provider: Any) -> None:
    CloudwatchMetricAlarm(
        stack,
        f"recovery_{alarm.name}",
        alarm_name=names.alarm(stack.env, f"recovery-{alarm.name.replace('_', '-')}"),
        namespace=alarm.namespace,
        metric_name=alarm.metric,
        dimensions=alarm.dimensions,
        alarm_description=f"{alarm.text}. {RUNBOOK}",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        statistic=alarm.statistic,
        comparison_operator=alarm.operator,
        threshold=alarm.threshold,
        period=alarm.period,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.rises,
        treat_missing_data=alarm.missing,
        **provider,
    )
