"""The alarms: three per batch job, one per table of a stream, one per pipeline, and five per environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm

from infra.parts.alerting.alarm_spec import AlarmSpec, actions, add_alarm, runbook_url, silence
from infra.parts.alerting.notifiers import Notifiers
from infra.platform_stack import PlatformStack
from lakehouse.environments import metric_names, names
from lakehouse.pipelines import Job, Pipeline

HOUR = 3600
# CloudWatch allows this many alarms in one rule.
MAX_ALARMS_IN_RULE = 100
# Of five minutes each. A stream that restarts, or reads much after a pause, needs some of them to catch up.
BEHIND_PERIODS = 6


def add_alarms(stack: PlatformStack, notifiers: Notifiers) -> None:
    """The alarms of all pipelines and of the environment itself."""
    for pipeline in stack.facts.pipelines if stack.env.stack.alerts.of_jobs else ():
        _pipeline(stack, notifiers, pipeline)
    _queues_and_functions(stack, notifiers)
    _freshness(stack, notifiers)


def _pipeline(stack: PlatformStack, notifiers: Notifiers, pipeline: Pipeline) -> None:
    """Silent alarms of the jobs, and a composite that notifies for all: one bad night is one message."""
    alarms = [alarm for job in pipeline.jobs if job.runs_in(stack.env) for alarm in _job(stack, job)]
    text = f"A job of {pipeline.name} failed, took too long, fell behind, or broke a critical rule."
    for start in range(0, len(alarms), MAX_ALARMS_IN_RULE):
        part = alarms[start : start + MAX_ALARMS_IN_RULE]
        name = pipeline.name if not start else f"{pipeline.name}_{start // MAX_ALARMS_IN_RULE + 1}"
        CloudwatchCompositeAlarm(
            stack,
            f"pipeline_{name}",
            alarm_name=names.alarm(stack.env, f"pipeline-{name}"),
            tags={"pipeline": pipeline.name},
            alarm_description=f"{text} {runbook_url(stack, 'job-failed')}",
            alarm_rule=" OR ".join(f'ALARM("{alarm.alarm_name}")' for alarm in part),
            depends_on=part,
            **actions(stack, notifiers.topic_arn),
        )


def _job(stack: PlatformStack, job: Job) -> Iterator[CloudwatchMetricAlarm]:
    common: dict[str, Any] = {
        "dimensions": {"job": job.name, "environment": stack.env.name},
        "tags": {"pipeline": job.pipeline, "owner": job.owner},
    }
    sla_minutes = job.sla_within(stack.env.glue.timeout_minutes)
    dq = AlarmSpec(
        name=f"dq_{job.name}",
        metric=metric_names.DQ_CRITICAL,
        text=f"{job.name}: a critical rule is broken",
        runbook="dq-failover",
        **common,
    )
    failed = AlarmSpec(
        name=f"failed_{job.name}",
        metric=metric_names.FAILURES,
        text=f"{job.name}: failed after its last retry",
        runbook="job-failed",
        **common,
    )
    slow = AlarmSpec(
        name=f"slow_{job.name}",
        metric=metric_names.LATENCY,
        threshold=sla_minutes * 60,
        above_threshold=True,
        statistic="Maximum",
        text=f"{job.name}: took longer than its {sla_minutes} min",
        runbook="sla-findings",
        **common,
    )
    yield from (add_alarm(stack, spec) for spec in (dq, failed))
    yield from _stream(stack, job, common) if job.continuous else (add_alarm(stack, slow),)


def _stream(stack: PlatformStack, job: Job, common: dict[str, Any]) -> Iterator[CloudwatchMetricAlarm]:
    """A healthy stream reaches the end of its topic now and then. One that has stopped sends no metrics.

    A stream that starts by schedule is silent between its runs.
    """
    scheduled = stack.env.schedule_of(job.schedule) != job.schedule
    for table in job.writes:
        text = f"{table} was not at the end of its topic once in half an hour, or its stream stands"
        spec = AlarmSpec(
            name=f"behind_{job.name}_{table.replace('.', '_')}",
            metric=metric_names.LAG,
            text=f"{job.name}: {text}",
            runbook="streaming-restart",
            dimensions={**common["dimensions"], "table": table},
            statistic="Minimum",
            periods=BEHIND_PERIODS,
            missing="notBreaching" if scheduled else silence(stack),
            tags=common["tags"],
        )
        yield add_alarm(stack, spec)


def _queues_and_functions(stack: PlatformStack, notifiers: Notifiers) -> None:
    for name, queue in (("dead_letters", notifiers.dead_letters), ("undelivered", notifiers.undelivered)):
        spec = AlarmSpec(
            name=f"depth_{name}",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue.name},
            statistic="Maximum",
            text=f"{queue.name}: messages that reached nobody",
            runbook="undelivered",
        )
        add_alarm(stack, spec, notifiers.topic_arn)
    for name, function in notifiers.functions.items():
        # There is no alarm on throttles: Lambda keeps an event and retries it for hours.
        spec = AlarmSpec(
            name=f"errors_{name}",
            namespace="AWS/Lambda",
            metric="Errors",
            dimensions={"FunctionName": function.function_name},
            text=f"{function.function_name} fails; people may not be told",
            runbook="undelivered",
        )
        add_alarm(stack, spec, notifiers.topic_arn)


def _freshness(stack: PlatformStack, notifiers: Notifiers) -> None:
    """Gold is stale, or the checker has not reported for an hour where it should."""
    spec = AlarmSpec(
        name="freshness",
        metric=metric_names.STALE_TABLES,
        dimensions={"environment": stack.env.name},
        statistic="Maximum",
        period=HOUR,
        missing=silence(stack),
        text="Gold is older than its rule allows, or nobody looks",
        runbook="sla-findings",
    )
    add_alarm(stack, spec, notifiers.topic_arn)
