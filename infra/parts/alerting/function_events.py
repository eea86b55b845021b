"""The EventBridge rules that call the functions: events of Glue runs, and a schedule."""

from __future__ import annotations

import json
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from infra.platform_stack import PlatformStack
from lakehouse.environments import names

END_STATES = ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"]


def call_on_events(stack: PlatformStack, target: LambdaFunction, dead_letters: SqsQueue) -> None:
    """Calls the notifier with events of this environment's jobs; the account may have other jobs."""
    own_jobs = [{"prefix": names.glue_job(stack.env, "")}]
    ends = {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        "detail": {"jobName": own_jobs, "state": END_STATES},
    }
    delays = {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job Run Status"],
        "detail": {"jobName": own_jobs},
    }
    for name, pattern, purpose in (
        ("run_ends", ends, "A run of a job ended"),
        ("run_delays", delays, "A run takes longer than its SLA"),
    ):
        rule = CloudwatchEventRule(
            stack,
            f"rule_{name}",
            name=names.function(stack.env, name),
            description=purpose,
            event_pattern=json.dumps(pattern),
        )
        _call(stack, name, rule, target, dead_letters)


def call_on_schedule(stack: PlatformStack, target: LambdaFunction, dead_letters: SqsQueue) -> None:
    """Calls the checker regularly where monitoring is on."""
    rule = CloudwatchEventRule(
        stack,
        "rule_check",
        name=names.function(stack.env, "check"),
        description="Looks for what no event tells",
        schedule_expression=f"rate({stack.env.stack.watch.every_minutes} minutes)",
        state="ENABLED" if stack.env.monitoring else "DISABLED",
    )
    _call(stack, "check", rule, target, dead_letters)


def _call(
    stack: PlatformStack, name: str, rule: CloudwatchEventRule, target: LambdaFunction, dead_letters: SqsQueue
) -> None:
    """Lets the rule call the function. An event that the function never takes goes to the queue."""
    dead_letter_config = {"arn": dead_letters.arn}
    CloudwatchEventTarget(
        stack, f"target_{name}", rule=rule.name, arn=target.arn, dead_letter_config=dead_letter_config
    )
    LambdaPermission(
        stack,
        f"invoke_{name}",
        function_name=target.function_name,
        action="lambda:InvokeFunction",
        principal="events.amazonaws.com",
        source_arn=rule.arn,
    )


def from_rules(stack: PlatformStack) -> dict[str, Any]:
    """Lets EventBridge send to the queue for this account."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": {"StringEquals": {"aws:SourceAccount": stack.env.account}},
    }
