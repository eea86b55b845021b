"""Backups of DynamoDB's tables: keys, indexes and all items of one instant."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local_aws.backups.model import BackupError, RecoveryPoint
from local_aws.backups.resources import BackupPoints, GlueHost, Lock, place_of
from local_aws.iam.actions import Action
from local_aws.iam.owned import Account

_INDEX = ("IndexName", "KeySchema", "Projection")


@dataclass(frozen=True)
class _Content:
    """`definition`: parameters of CreateTable; `items` in DynamoDB's own form."""

    definition: dict[str, Any]
    items: list[dict[str, Any]]


class DynamoDbTables(BackupPoints):
    name = "DynamoDB"

    def __init__(self, host: GlueHost, lock: Lock) -> None:
        self._host, self._lock = host, lock

    def backup_actions(self, arn: str) -> Iterator[Action]:
        for action in ("DescribeTable", "StartAwsBackupJob"):
            yield Action(f"dynamodb:{action}", arn)

    def capture(self, arn: str) -> _Content:
        region, account = place_of(arn)
        with self._lock("dynamodb"):
            table = Account(account, region).table(arn)
            if table is None:
                raise BackupError(f"Table not found: {arn}")
            items = [copy.deepcopy(item.to_json()["Attributes"]) for item in table.all_items()]
            return _Content(_definition(table.describe("Table")["Table"]), items)

    def restore_actions(self, point: RecoveryPoint, metadata: dict[str, str]) -> Iterator[Action]:
        table = f"arn:aws:dynamodb:{point.region}:{point.account}:table/{metadata.get('targetTableName', '')}"
        yield Action("dynamodb:RestoreTableFromAwsBackup", table)
        if key := metadata.get("kmsMasterKeyArn"):
            yield Action("kms:CreateGrant", key, {"kms:grantisforawsresource": ("true",)})

    def restore(self, point: RecoveryPoint, metadata: dict[str, str]) -> str:
        """A table has the items of the point; time to live, tags and policies are not restored."""
        name = metadata.get("targetTableName")
        if not name:
            raise BackupError("Metadata targetTableName is required")
        client = self._host.client("dynamodb", point.region)
        encryption = {}
        if key := metadata.get("kmsMasterKeyArn"):
            encryption = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}}
        try:
            made = client.create_table(TableName=name, **point.content.definition, **encryption)
        except client.exceptions.ClientError as error:
            raise BackupError(str(error.response["Error"]["Message"])) from error
        with self._lock("dynamodb"):
            backend = Account(point.account, point.region).backend("dynamodb")
            for item in point.content.items:
                backend.put_item(name, copy.deepcopy(item))
        return str(made["TableDescription"]["TableArn"])


def _definition(table: dict[str, Any]) -> dict[str, Any]:
    definition: dict[str, Any] = {
        name: copy.deepcopy(table[name]) for name in ("AttributeDefinitions", "KeySchema")
    }
    definition["BillingMode"] = "PAY_PER_REQUEST"
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if table.get(kind):
            indexes = copy.deepcopy(table[kind])
            definition[kind] = [{name: index[name] for name in _INDEX} for index in indexes]
    return definition
