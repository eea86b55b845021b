"""What must wake somebody: three alarms per job, one per table of a stream, one voice per pipeline, and a few for the environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm

from infra.parts.alerting.notifiers import Notifiers
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.pipelines import Job, Pipeline

FIVE_MINUTES, HOUR = 300, 3600
# CloudWatch's own limit of alarms in one rule.
MOST_IN_A_RULE = 100
# Five minutes each. A stream that is started again, or has much to read after a pause, needs some of them.
_BEHIND_PERIODS = 6


def add_alarms(stack: PlatformStack, notifiers: Notifiers, jobs: Any) -> None:
    """`jobs` only says that its part comes first: an alarm knows its job by name."""
    for pipeline in stack.facts.pipelines:
        _pipeline(stack, notifiers, pipeline)
    _environment(stack, notifiers)


def _pipeline(stack: PlatformStack, notifiers: Notifiers, pipeline: Pipeline) -> None:
    """The alarms of its jobs are silent; one composite speaks for them, so that one bad night is one message."""
    made = [alarm for job in pipeline.jobs if job.runs_in(stack.env) for alarm in _job(stack, job)]
    for start in range(0, len(made), MOST_IN_A_RULE):
        part = made[start : start + MOST_IN_A_RULE]
        name = pipeline.name if not start else f"{pipeline.name}_{start // MOST_IN_A_RULE + 1}"
        CloudwatchCompositeAlarm(
            stack,
            f"pipeline_{name}",
            alarm_name=names.alarm(stack.env, f"pipeline-{name}"),
            tags={"pipeline": pipeline.name},
            alarm_description=f"A job of {pipeline.name} failed, took too long, fell behind, or broke a critical rule. {_runbook(stack, 'job-failed')}",
            alarm_rule=" OR ".join(f'ALARM("{alarm.alarm_name}")' for alarm in part),
            depends_on=part,
            **_actions(stack, notifiers),
        )


def _job(stack: PlatformStack, job: Job) -> Iterator[Any]:
    """The metrics of glue_jobs/observability/metrics.py, and the failures that the notifier counts."""
    of = {"job": job.name, "environment": stack.env.name}
    tags = {"pipeline": job.pipeline, "owner": job.owner}
    yield _alarm(
        stack,
        f"dq_{job.name}",
        "dq_critical_failures",
        1,
        f"{job.name}: a critical rule is broken",
        "dq-failover",
        of,
        tags=tags,
    )
    yield _alarm(
        stack,
        f"failed_{job.name}",
        "job_failures",
        1,
        f"{job.name}: failed after its last retry",
        "job-failed",
        of,
        tags=tags,
    )
    if job.continuous:
        yield from _streams(stack, job, of, tags)
    else:
        what = f"{job.name}: took longer than its {job.sla_minutes} min"
        yield _alarm(
            stack,
            f"slow_{job.name}",
            "latency_seconds",
            job.sla_minutes * 60,
            what,
            "sla-findings",
            of,
            tags=tags,
            more=True,
            how="Maximum",
        )


def _streams(stack: PlatformStack, job: Job, of: dict[str, str], tags: dict[str, str]) -> Iterator[Any]:
    """A stream that keeps up is at the end of its topic now and then; one that stands sends no numbers."""
    for table in job.writes:
        what = (
            f"{job.name}: {table} was not at the end of its topic once in half an hour, or its stream stands"
        )
        yield _alarm(
            stack,
            f"behind_{job.name}_{table.replace('.', '_')}",
            "stream_lag_messages",
            1,
            what,
            "streaming-restart",
            {**of, "table": table},
            tags=tags,
            how="Minimum",
            periods=_BEHIND_PERIODS,
            missing=_silence(stack),
        )


def _environment(stack: PlatformStack, notifiers: Notifiers) -> None:
    env, act = stack.env, _actions(stack, notifiers)
    here: dict[str, str] = {"environment": env.name}
    for name, made in (("dead_letters", notifiers.dead_letters), ("undelivered", notifiers.undelivered)):
        _alarm(
            stack,
            f"depth_{name}",
            "ApproximateNumberOfMessagesVisible",
            1,
            f"{made.name}: messages that reached nobody",
            "undelivered",
            {"QueueName": made.name},
            how="Maximum",
            namespace="AWS/SQS",
            **act,
        )
    for name, made in notifiers.functions.items():
        # Not throttles: Lambda keeps an event and tries again for hours.
        _alarm(
            stack,
            f"errors_{name}",
            "Errors",
            1,
            f"{made.function_name} fails; people may not be told",
            "undelivered",
            {"FunctionName": made.function_name},
            namespace="AWS/Lambda",
            **act,
        )
    # Where the checker is on and says nothing for an hour, nobody knows whether gold is fresh.
    _alarm(
        stack,
        "freshness",
        "stale_tables",
        1,
        "Gold is older than its rule allows, or nobody looks",
        "sla-findings",
        here,
        how="Maximum",
        period=HOUR,
        missing=_silence(stack),
        **act,
    )


def _alarm(
    stack: PlatformStack,
    name: str,
    metric: str,
    threshold: float,
    what: str,
    runbook: str,
    of: dict[str, str],
    *,
    how: str = "Sum",
    namespace: str = "",
    more: bool = False,
    period: int = FIVE_MINUTES,
    periods: int = 1,
    missing: str = "notBreaching",
    **others: Any,
) -> Any:
    """`more`: the threshold itself is still allowed."""
    return CloudwatchMetricAlarm(
        stack,
        f"alarm_{name}",
        alarm_name=names.alarm(stack.env, name.replace("_", "-", 1)),
        namespace=namespace or names.metrics_namespace(stack.env),
        metric_name=metric,
        dimensions=of,
        statistic=how,
        period=period,
        evaluation_periods=periods,
        threshold=threshold,
        treat_missing_data=missing,
        comparison_operator="GreaterThanThreshold" if more else "GreaterThanOrEqualToThreshold",
        alarm_description=f"{what}. {_runbook(stack, runbook)}",
        **others,
    )


def _actions(stack: PlatformStack, notifiers: Notifiers) -> dict[str, Any]:
    """Where nobody watches at night, an alarm changes colour and stays silent."""
    return {
        "alarm_actions": [notifiers.topic_arn],
        "ok_actions": [notifiers.topic_arn],
        "actions_enabled": stack.env.monitoring,
    }


def _silence(stack: PlatformStack) -> str:
    """What it means that a number which always comes does not: an alarm where somebody watches."""
    return "breaching" if stack.env.monitoring else "notBreaching"


def _runbook(stack: PlatformStack, name: str) -> str:
    return f"{stack.env.stack.alerts.docs_url}/runbooks/{name}.md"
