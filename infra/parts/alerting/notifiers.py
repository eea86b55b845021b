"""Who is told: the topics, the two functions, and the queues for what reached nobody."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable, DynamodbTableAttribute
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.s3_object import S3Object

from infra.constructs.function import FunctionSpec, function
from infra.constructs.queue import queue
from infra.parts.alerting import job_catalog
from infra.parts.alerting.function_permissions import rights, variables
from infra.parts.alerting.topics import alert_topic, owner_topic
from infra.parts.encryption.keys import Keys
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone

ENDS = ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"]


@dataclass(frozen=True)
class Notifiers:
    """`topic_arn`: of alarms. `undelivered`: messages that a channel refused; `dead_letters`: events that no function took. `functions` by name."""

    topic_arn: str
    dead_letters: Any
    undelivered: Any
    functions: dict[str, Any]


def add_notifications(stack: PlatformStack, keys: Keys, storage: Storage, artifacts: Any) -> Notifiers:
    """`artifacts.functions`: name → (path of its zip, the zip's hash). Of the control tables and secrets only names are needed."""
    topic = alert_topic(stack, keys)
    owner_topic(stack, keys)
    dead = queue(stack, "dead_letters", keys.messages, statements={"Rules": _from_rules(stack)})
    undelivered = queue(stack, "undelivered", keys.messages)
    _told(stack, keys)
    _watched(stack, keys, storage)
    common, allowed = variables(stack, undelivered), rights(stack, keys, undelivered)
    watch = stack.env.stack.watch
    notifier = function(
        stack,
        FunctionSpec(
            name="sla_notifier",
            purpose="Tells the people of a job how a run ended",
            code=artifacts.functions["sla_notifier"],
            key=keys.platform,
            dead_letters=dead,
            statements=allowed,
            memory_mb=512,
            timeout_seconds=60,
            at_once=5,
            variables={**common, "TELL_SUCCESS": "yes" if stack.env.stack.alerts.tell_success else "no"},
        ),
    )
    numbers = {
        "GRACE_MINUTES": watch.grace_minutes,
        "HISTORY_DAYS": watch.history_days,
        "DEVIATIONS": watch.deviations,
    }
    checker = function(
        stack,
        FunctionSpec(
            name="sla_checker",
            purpose="Looks for what no event tells",
            code=artifacts.functions["sla_checker"],
            key=keys.platform,
            dead_letters=dead,
            statements=allowed,
            memory_mb=1024,
            timeout_seconds=240,
            at_once=1,
            variables={**common, **{name: str(value) for name, value in numbers.items()}},
        ),
    )
    _on_events(stack, notifier, dead)
    _on_schedule(stack, checker, dead)
    return Notifiers(topic.arn, dead, undelivered, {"sla_notifier": notifier, "sla_checker": checker})


def _on_events(stack: PlatformStack, target: Any, dead: Any) -> None:
    """Of this environment's jobs alone; others may live in the account."""
    ours = [{"prefix": names.glue_job(stack.env, "")}]
    ends = {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        "detail": {"jobName": ours, "state": ENDS},
    }
    delays = {"source": ["aws.glue"], "detail-type": ["Glue Job Run Status"], "detail": {"jobName": ours}}
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
        _call(stack, name, rule, target, dead)


def _on_schedule(stack: PlatformStack, target: Any, dead: Any) -> None:
    every = f"rate({stack.env.stack.watch.every_minutes} minutes)"
    rule = CloudwatchEventRule(
        stack,
        "rule_check",
        name=names.function(stack.env, "check"),
        description="Looks for what no event tells",
        schedule_expression=every,
        state="ENABLED" if stack.env.monitoring else "DISABLED",
    )
    _call(stack, "check", rule, target, dead)


def _call(stack: PlatformStack, name: str, rule: Any, target: Any, dead: Any) -> None:
    CloudwatchEventTarget(
        stack, f"target_{name}", rule=rule.name, arn=target.arn, dead_letter_config={"arn": dead.arn}
    )
    LambdaPermission(
        stack,
        f"invoke_{name}",
        function_name=target.function_name,
        action="lambda:InvokeFunction",
        principal="events.amazonaws.com",
        source_arn=rule.arn,
    )


def _from_rules(stack: PlatformStack) -> dict[str, Any]:
    only = {"StringEquals": {"aws:SourceAccount": stack.env.account}}
    return {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": only,
    }


def _told(stack: PlatformStack, keys: Keys) -> None:
    """Which messages have gone out. No `stack.keep`: what is in it is forgotten after a day and a half anyway."""
    DynamodbTable(
        stack,
        "table_told",
        name=names.notified_table(stack.env),
        billing_mode="PAY_PER_REQUEST",
        hash_key="id",
        attribute=[DynamodbTableAttribute(name="id", type="S")],
        ttl={"attribute_name": "expiration", "enabled": True},
        server_side_encryption={"enabled": True, "kms_key_arn": keys.state.arn},
        point_in_time_recovery={"enabled": True},
    )


def _watched(stack: PlatformStack, keys: Keys, storage: Storage) -> None:
    """An object of its own and no part of a zip: a changed job row must not change the functions."""
    place = storage.zones[Zone.ARTIFACTS]
    document = json.dumps(job_catalog.document(stack.facts), ensure_ascii=False, sort_keys=True)
    S3Object(
        stack,
        "object_watched",
        bucket=place.bucket.id,
        key=names.job_catalog_key(),
        content=document,
        content_type="application/json",
        server_side_encryption="aws:kms",
        kms_key_id=keys.platform.arn,
        bucket_key_enabled=True,
        depends_on=[place.versioning],
    )
