"""Without Airflow: a state machine of Step Functions for each DAG, and a schedule that starts it."""

from __future__ import annotations

import json
from typing import Any

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.scheduler_schedule import SchedulerSchedule
from cdktf_cdktf_provider_aws.scheduler_schedule_group import SchedulerScheduleGroup
from cdktf_cdktf_provider_aws.sfn_state_machine import SfnStateMachine

from infra.constructs.role import ServiceRole, service_role
from infra.parts.alerting.notifiers import Notifiers
from infra.parts.encryption.keys import Keys
from infra.parts.orchestration.execution_alarms import add_execution_alarms
from infra.parts.orchestration.execution_permissions import execution_permissions, scheduler_permissions
from infra.parts.orchestration.state_machine import definition
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.orchestration.event_schedule import event_schedule
from lakehouse.orchestration.specs import DagSpec

ZONE = "UTC"
# The schedule replaces the word by the time at which it was due, in UTC.
INPUT = json.dumps({"scheduled_time": "<aws.scheduler.scheduled-time>"})
# A start that AWS could not make is of no use a day later: the next one reads its rows too.
MAX_AGE_SECONDS, MAX_ATTEMPTS = 6 * 3600, 100


def add_state_machines(stack: PlatformStack, keys: Keys, notifiers: Notifiers) -> None:
    """The state machines, their schedules, the two roles, the log group and the alarms."""
    env = stack.env
    logs = CloudwatchLogGroup(
        stack,
        "log_group_state_machines",
        name=names.state_machine_log_group(env),
        retention_in_days=env.stack.retention.log_days,
        kms_key_id=keys.platform.arn,
    )
    executes = service_role(stack, "state_machines", "states.amazonaws.com", execution_permissions(env, keys))
    starts = scheduler_permissions(env, keys, notifiers.dead_letters.arn)
    scheduler = service_role(stack, "scheduler", "scheduler.amazonaws.com", starts)
    group = SchedulerScheduleGroup(stack, "schedules", name=names.schedule_group(env))
    machines = {}
    for spec in stack.facts.dags:
        machine = _state_machine(stack, spec, executes, logs)
        _schedule(stack, keys, spec, machine, scheduler, group, notifiers)
        machines[spec.dag_id] = machine
    add_execution_alarms(stack, machines, group, notifiers.topic_arn)


def _state_machine(
    stack: PlatformStack, spec: DagSpec, role: ServiceRole, logs: CloudwatchLogGroup
) -> SfnStateMachine:
    return SfnStateMachine(
        stack,
        f"state_machine_{spec.dag_id}",
        name=names.state_machine(stack.env, spec.dag_id),
        type="STANDARD",
        role_arn=role.arn,
        definition=json.dumps(definition(stack.env, spec)),
        # The data of an execution are a date, and how each job ended.
        logging_configuration={
            "level": "ERROR",
            "include_execution_data": True,
            "log_destination": f"{logs.arn}:*",
        },
        tracing_configuration={"enabled": True},
        tags={"pipeline": spec.pipeline},
        depends_on=[*role.policies],
    )


def _schedule(
    stack: PlatformStack,
    keys: Keys,
    spec: DagSpec,
    machine: SfnStateMachine,
    role: ServiceRole,
    group: SchedulerScheduleGroup,
    notifiers: Notifiers,
) -> None:
    target: dict[str, Any] = {
        "arn": machine.arn,
        "role_arn": role.arn,
        "input": INPUT,
        "dead_letter_config": {"arn": notifiers.dead_letters.arn},
        "retry_policy": {
            "maximum_event_age_in_seconds": MAX_AGE_SECONDS,
            "maximum_retry_attempts": MAX_ATTEMPTS,
        },
    }
    SchedulerSchedule(
        stack,
        f"schedule_{spec.dag_id}",
        name=names.schedule(stack.env, spec.dag_id),
        group_name=names.schedule_group(stack.env),
        description=f"{spec.display_name}: {spec.schedule}",
        schedule_expression=event_schedule(spec.schedule),
        schedule_expression_timezone=ZONE,
        flexible_time_window={"mode": "OFF"},
        kms_key_arn=keys.platform.arn,
        target=target,
        # A new schedule waits until `lakehouse doctor --smoke` finds that its jobs have what they need. From
        # then on people switch it on and off, and no deploy does.
        state="DISABLED",
        lifecycle=TerraformResourceLifecycle(ignore_changes=["state"]),
        depends_on=[group, *role.policies],
    )
