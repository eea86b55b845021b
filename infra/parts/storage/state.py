"""The platform's memory: watermarks, audit and leases in DynamoDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTableGlobalSecondaryIndex,
)

from infra.parts.storage.keys import Keys
from infra.platform_stack import PlatformStack
from lakehouse.environments.control import EXPIRES, table_definition
from lakehouse.environments.names import Control


@dataclass(frozen=True)
class State:
    """Each a DynamodbTable."""

    tables: dict[Control, Any]


def add_state(stack: PlatformStack, keys: Keys) -> State:
    return State({control: _table(stack, keys, control) for control in Control})


def _table(stack: PlatformStack, keys: Keys, control: Control) -> Any:
    """The shape is the one that the readers and the local platform go by."""
    stated = table_definition(stack.env, control)
    expiry = {"ttl": {"enabled": True, "attribute_name": EXPIRES}} if control is Control.LEASES else {}
    return DynamodbTable(
        stack,
        f"control_{control}",
        name=stated["TableName"],
        billing_mode=stated["BillingMode"],
        hash_key=stated["KeySchema"][0]["AttributeName"],
        attribute=[
            DynamodbTableAttribute(name=a["AttributeName"], type=a["AttributeType"])
            for a in stated["AttributeDefinitions"]
        ],
        global_secondary_index=[_index(i) for i in stated.get("GlobalSecondaryIndexes", [])],
        server_side_encryption={"enabled": True, "kms_key_arn": keys.state.arn},
        point_in_time_recovery={"enabled": True},
        deletion_protection_enabled=stack.env.stack.protect,
        lifecycle=stack.keep,
        **expiry,
    )


def _index(stated: dict[str, Any]) -> Any:
    partition, order = (k["AttributeName"] for k in stated["KeySchema"])
    return DynamodbTableGlobalSecondaryIndex(
        name=stated["IndexName"],
        hash_key=partition,
        range_key=order,
        projection_type=stated["Projection"]["ProjectionType"],
    )
