"""The DynamoDB tables of the platform's state: watermarks, audit and leases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.dynamodb_resource_policy import DynamodbResourcePolicy
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTableGlobalSecondaryIndex,
)

from infra.constructs.policy import policy_document
from infra.parts.encryption.keys import Keys
from infra.parts.storage.named_access import only_jobs_write
from infra.platform_stack import PlatformStack
from lakehouse.environments.control import EXPIRES, table_definition
from lakehouse.environments.names import Control


@dataclass(frozen=True)
class State:
    """The tables by their use."""

    tables: dict[Control, DynamodbTable]


def add_state(stack: PlatformStack, keys: Keys) -> State:
    """The tables of all uses."""
    tables = {control: _table(stack, keys, control) for control in Control}
    audit = tables[Control.AUDIT]
    policy = policy_document(only_jobs_write(stack.facts, audit.arn))
    DynamodbResourcePolicy(stack, "policy_audit", resource_arn=audit.arn, policy=policy)
    return State(tables)


def _table(stack: PlatformStack, keys: Keys, control: Control) -> DynamodbTable:
    """Keys and indexes are those of `table_definition`, which the local platform creates too."""
    definition = table_definition(stack.env, control)
    expiry = {"ttl": {"enabled": True, "attribute_name": EXPIRES}} if control is Control.LEASES else {}
    return DynamodbTable(
        stack,
        f"control_{control}",
        name=definition["TableName"],
        billing_mode=definition["BillingMode"],
        hash_key=definition["KeySchema"][0]["AttributeName"],
        attribute=[
            DynamodbTableAttribute(name=a["AttributeName"], type=a["AttributeType"])
            for a in definition["AttributeDefinitions"]
        ],
        global_secondary_index=[_index(i) for i in definition.get("GlobalSecondaryIndexes", [])],
        server_side_encryption={"enabled": True, "kms_key_arn": keys.state.arn},
        point_in_time_recovery={"enabled": True},
        deletion_protection_enabled=stack.env.stack.protect,
        lifecycle=stack.keep,
        **expiry,
    )


def _index(definition: dict[str, Any]) -> DynamodbTableGlobalSecondaryIndex:
    partition, order = (k["AttributeName"] for k in definition["KeySchema"])
    return DynamodbTableGlobalSecondaryIndex(
        name=definition["IndexName"],
        hash_key=partition,
        range_key=order,
        projection_type=definition["Projection"]["ProjectionType"],
    )
