"""The alarms without Airflow: executions that failed, and schedules that start none."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.scheduler_schedule_group import SchedulerScheduleGroup
from cdktf_cdktf_provider_aws.sfn_state_machine import SfnStateMachine

from infra.parts.alerting.alarm_spec import AlarmSpec, add_alarm, silence
from infra.platform_stack import PlatformStack

DAY = 86_400
# Metric of EventBridge Scheduler → what it counts.
NOT_STARTED = {
    "TargetErrorCount": "Step Functions refused to start an execution",
    "InvocationDroppedCount": "an execution was given up, which could not be started",
}


def add_execution_alarms(
    stack: PlatformStack,
    machines: Mapping[str, SfnStateMachine],
    group: SchedulerScheduleGroup,
    topic_arn: str,
) -> None:
    """One alarm per state machine, and three for the schedules."""
    for dag_id, machine in machines.items():
        spec = AlarmSpec(
            name=f"execution_{dag_id}",
            namespace="AWS/States",
            metric="ExecutionsFailed",
            dimensions={"StateMachineArn": machine.arn},
            text=f"{dag_id}: an execution ended with a job that did not succeed",
            runbook="job-failed",
        )
        add_alarm(stack, spec, topic_arn)
    of_group = {"ScheduleGroup": group.name}
    for metric, text in NOT_STARTED.items():
        spec = AlarmSpec(
            name=f"schedules_{metric}",
            namespace="AWS/Scheduler",
            metric=metric,
            dimensions=of_group,
            text=f"Schedules: {text}",
            runbook="sla-findings",
        )
        add_alarm(stack, spec, topic_arn)
    silent = AlarmSpec(
        name="schedules_silent",
        namespace="AWS/Scheduler",
        metric="InvocationAttemptCount",
        dimensions=of_group,
        below_threshold=True,
        period=DAY,
        missing=silence(stack),
        text="Schedules: none has started an execution for a day",
        runbook="sla-findings",
    )
    add_alarm(stack, silent, topic_arn)
