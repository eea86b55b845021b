"""The two functions that notify people, and the queues of messages that they cannot deliver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable, DynamodbTableAttribute
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction
from cdktf_cdktf_provider_aws.s3_object import S3Object
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from infra.constructs.function import FunctionSpec, function
from infra.constructs.queue import queue
from infra.parts.alerting import job_catalog
from infra.parts.alerting.function_events import call_on_events, call_on_schedule, from_rules
from infra.parts.alerting.function_permissions import permissions, variables
from infra.parts.alerting.topics import alert_topic, owner_topic
from infra.parts.encryption.keys import Keys
from infra.parts.storage.artifacts import Artifacts
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone


@dataclass(frozen=True)
class Notifiers:
    """`topic_arn` is the alert topic, to which alarms publish.

    `undelivered` holds messages that a channel refused, `dead_letters` events that no function processed.
    """

    topic_arn: str
    dead_letters: SqsQueue
    undelivered: SqsQueue
    functions: Mapping[str, LambdaFunction]


@dataclass(frozen=True)
class _Functions:
    """What the functions have in common."""

    stack: PlatformStack
    keys: Keys
    zips: Mapping[str, tuple[str, str]]
    dead_letters: SqsQueue
    undelivered: SqsQueue

    def add(
        self,
        name: str,
        purpose: str,
        own_variables: Mapping[str, str],
        memory_mb: int,
        seconds: int,
    ) -> LambdaFunction:
        """A function with the common variables and permissions and its own variables."""
        spec = FunctionSpec(
            name=name,
            purpose=purpose,
            code=self.zips[name],
            key=self.keys.platform,
            dead_letters=self.dead_letters,
            variables={**variables(self.stack, self.undelivered), **own_variables},
            statements=permissions(self.stack, self.keys, self.undelivered),
            memory_mb=memory_mb,
            timeout_seconds=seconds,
        )
        return function(self.stack, spec)


def add_notifications(stack: PlatformStack, keys: Keys, storage: Storage, artifacts: Artifacts) -> Notifiers:
    """The topics, queues and functions. Control tables and secrets are referred to by name."""
    topic = alert_topic(stack, keys)
    owner_topic(stack, keys)
    dead_letters = queue(stack, "dead_letters", keys.messages, statements={"Rules": from_rules(stack)})
    undelivered = queue(stack, "undelivered", keys.messages)
    _notified_table(stack, keys)
    _job_catalog(stack, keys, storage)
    functions = _Functions(stack, keys, artifacts.functions, dead_letters, undelivered)
    notifier = _notifier(functions)
    checker = _checker(functions)
    call_on_events(stack, notifier, dead_letters)
    call_on_schedule(stack, checker, dead_letters)
    by_name = {"sla_notifier": notifier, "sla_checker": checker}
    return Notifiers(topic.arn, dead_letters, undelivered, by_name)


def _notifier(functions: _Functions) -> LambdaFunction:
    tell_success = "yes" if functions.stack.env.stack.alerts.tell_success else "no"
    purpose = "Tells the people of a job how a run ended"
    return functions.add("sla_notifier", purpose, {"TELL_SUCCESS": tell_success}, 512, 60)


def _checker(functions: _Functions) -> LambdaFunction:
    watch = functions.stack.env.stack.watch
    thresholds = {
        "GRACE_MINUTES": str(watch.grace_minutes),
        "HISTORY_DAYS": str(watch.history_days),
        "DEVIATIONS": str(watch.deviations),
    }
    return functions.add("sla_checker", "Looks for what no event tells", thresholds, 1024, 240)


def _notified_table(stack: PlatformStack, keys: Keys) -> None:
    """The messages that were sent. Not protected by `stack.keep`: every item expires after 36 hours."""
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


def _job_catalog(stack: PlatformStack, keys: Keys, storage: Storage) -> None:
    """The catalog is no part of the functions' zips: a changed job row does not deploy the functions."""
    bucket = storage.zones[Zone.ARTIFACTS]
    S3Object(
        stack,
        "object_watched",
        bucket=bucket.bucket.id,
        key=names.job_catalog_key(),
        content=json.dumps(job_catalog.document(stack.facts), ensure_ascii=False, sort_keys=True),
        content_type="application/json",
        server_side_encryption="aws:kms",
        kms_key_id=keys.platform.arn,
        bucket_key_enabled=True,
        depends_on=[bucket.versioning],
    )
