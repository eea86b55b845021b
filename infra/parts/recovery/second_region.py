"""What a lost region leaves: copies of the zones, their catalog, and backups of state and Lakebase, in a second region. docs/runbooks/dr-restore.md goes by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.glue_data_catalog_encryption_settings import GlueDataCatalogEncryptionSettings

from infra.constructs.bucket import Bucket
from infra.constructs.key import key
from infra.parts.alerting.notifiers import Notifiers
from infra.parts.catalog.tables import database, table
from infra.parts.encryption.keys import Keys
from infra.parts.recovery.alarms import alarms, topic
from infra.parts.recovery.backup import Backup, backup
from infra.parts.recovery.replication import replication
from infra.parts.serving.serving import Serving
from infra.parts.storage.state import State
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone


@dataclass(frozen=True)
class Recovery:
    """All of the second region but `backup`, which spans both. `topic`: tells of what can only be seen there."""

    buckets: dict[Zone, Bucket]
    databases: dict[str, Any]
    backup: Backup
    topic: Any


def add_recovery(
    stack: PlatformStack,
    keys: Keys,
    storage: Storage,
    state: State,
    serving: Serving,
    notifiers: Notifiers,
    settings: Any,
) -> Recovery:
    """`settings`: Lake Formation's of the second region; a database made before them would be everybody's."""
    own = key(
        stack,
        "recovery",
        "backups, catalog and alerts of the second region",
        services={"Alarms": _messages(stack)},
        replica=True,
    )
    buckets = replication(stack, keys, storage)
    databases = _catalog(stack, own, buckets, settings)
    made = backup(stack, keys, own, state, serving)
    there = topic(stack, own)
    alarms(stack, notifiers, there)
    return Recovery(buckets, databases, made, there)


def _catalog(stack: PlatformStack, own: Any, buckets: dict[Zone, Bucket], settings: Any) -> dict[str, Any]:
    """Databases of the same names and tables of the same columns: a query of the first region runs in the second as it is."""
    env, there = stack.env, {"provider": stack.replica}
    at_rest = {"catalog_encryption_mode": "SSE-KMS", "sse_aws_kms_key_id": own.arn}
    passwords = {"aws_kms_key_id": own.arn, "return_connection_password_encrypted": True}
    encrypted = GlueDataCatalogEncryptionSettings(
        stack,
        "catalog_encryption_replica",
        **there,
        data_catalog_encryption_settings={
            "encryption_at_rest": at_rest,
            "connection_password_encryption": passwords,
        },
    )
    databases = {
        layer: database(
            stack,
            layer,
            f"database_{layer}_replica",
            f"s3://{names.replica_bucket(env, Zone(layer))}",
            depends_on=[encrypted, settings, buckets[Zone(layer)].bucket],
            **there,
        )
        for layer in names.LAYERS
    }
    for contract in stack.facts.schemas.on_lake.values():
        place = f"table_{contract.layer}_{contract.name}_replica"
        table(
            stack,
            contract,
            databases[contract.layer],
            place,
            names.replica_table_uri(env, contract.table),
            **there,
        )
    return databases


def _messages(stack: PlatformStack) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": ["cloudwatch.amazonaws.com", "sns.amazonaws.com"]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": stack.env.account}},
    }
