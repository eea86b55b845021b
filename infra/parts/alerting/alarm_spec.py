"""A CloudWatch alarm with the platform's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm

from infra.platform_stack import PlatformStack
from lakehouse.environments import names

FIVE_MINUTES = 300


@dataclass(frozen=True)
class AlarmSpec:
    """What differs between alarms. An alarm rises when the statistic reaches `threshold` in all `periods`.

    `period` is in seconds. `namespace` is the environment's own where it is empty. `above_threshold`: the
    threshold itself is still allowed. `below_threshold`: it rises when the statistic stays below it.
    `missing`: what it means when there is no data.
    """

    name: str
    metric: str
    dimensions: Mapping[str, str]
    text: str
    runbook: str
    threshold: float = 1
    above_threshold: bool = False
    below_threshold: bool = False
    statistic: str = "Sum"
    namespace: str = ""
    period: int = FIVE_MINUTES
    periods: int = 1
    missing: str = "notBreaching"
    tags: Mapping[str, str] | None = None


def add_alarm(stack: PlatformStack, spec: AlarmSpec, topic_arn: str = "") -> CloudwatchMetricAlarm:
    """The alarm. Without a topic it is silent."""
    return CloudwatchMetricAlarm(
        stack,
        f"alarm_{spec.name}",
        alarm_name=names.alarm(stack.env, spec.name.replace("_", "-", 1)),
        namespace=spec.namespace or names.metrics_namespace(stack.env),
        metric_name=spec.metric,
        dimensions=dict(spec.dimensions),
        statistic=spec.statistic,
        period=spec.period,
        evaluation_periods=spec.periods,
        threshold=spec.threshold,
        treat_missing_data=spec.missing,
        comparison_operator=_operator(spec),
        alarm_description=f"{spec.text}. {runbook_url(stack, spec.runbook)}",
        tags=dict(spec.tags) if spec.tags else None,
        **(actions(stack, topic_arn) if topic_arn else {}),
    )


def _operator(spec: AlarmSpec) -> str:
    if spec.below_threshold:
        return "LessThanThreshold"
    return "GreaterThanThreshold" if spec.above_threshold else "GreaterThanOrEqualToThreshold"


def actions(stack: PlatformStack, topic_arn: str) -> dict[str, Any]:
    """Notifies the topic. An environment without monitoring has alarms that change their state silently."""
    return {
        "alarm_actions": [topic_arn],
        "ok_actions": [topic_arn],
        "actions_enabled": stack.env.monitoring,
    }


def silence(stack: PlatformStack) -> str:
    """How to treat the absence of a metric that is always sent: as breaching where monitoring is on."""
    return "breaching" if stack.env.monitoring else "notBreaching"


def runbook_url(stack: PlatformStack, name: str) -> str:
    """The page of a runbook."""
    return f"{stack.env.stack.alerts.docs_url}/runbooks/{name}.md"
