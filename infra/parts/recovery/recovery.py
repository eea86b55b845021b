"""What a lost region leaves: copies of the zones, their catalog, and backups of state and Lakebase, in a second region. docs/runbooks/dr-restore.md goes by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.glue_data_catalog_encryption_settings import GlueDataCatalogEncryptionSettings

from infra.constructs.bucket import Bucket
from infra.constructs.key import key
from infra.parts.alerting.notifiers import Notifiers
from infra.parts.recovery.alarms import alarms, topic
from infra.parts.recovery.backup import Backup, backup
from infra.parts.recovery.replication import replication
from infra.parts.serving.catalog import database, table
from infra.parts.serving.serving import Serving
from infra.parts.storage.keys import Keys
from infra.parts.storage.state import State
from infra.parts.storage.zones import Storage
from infra.platform_stack import House
from lakehouse.environments import names
from lakehouse.environments.names import Zone


@dataclass(frozen=True)
class Recovery:
    """All of the second region but `backup`, which spans both. `topic`: tells of what can only be seen there."""

    buckets: dict[Zone, Bucket]
    databases: dict[str, Any]
    backup: Backup
    topic: Any


def recovery(
    house: House,
    keys: Keys,
    storage: Storage,
    state: State,
    serving: Serving,
    notifiers: Notifiers,
    settings: Any,
) -> Recovery:
    """`settings`: Lake Formation's of the second region; a database made before them would be everybody's."""
    own = key(
        house,
        "recovery",
        "backups, catalog and alerts of the second region",
        services={"Alarms": _messages(house)},
        replica=True,
    )
    buckets = replication(house, keys, storage)
    databases = _catalog(house, own, buckets, settings)
    made = backup(house, keys, own, state, serving)
    there = topic(house, own)
    alarms(house, notifiers, there)
    return Recovery(buckets, databases, made, there)


def _catalog(house: House, own: Any, buckets: dict[Zone, Bucket], settings: Any) -> dict[str, Any]:
    """Databases of the same names and tables of the same columns: a query of the first region runs in the second as it is."""
    env, there = house.env, {"provider": house.replica}
    at_rest = {"catalog_encryption_mode": "SSE-KMS", "sse_aws_kms_key_id": own.arn}
    passwords = {"aws_kms_key_id": own.arn, "return_connection_password_encrypted": True}
    encrypted = GlueDataCatalogEncryptionSettings(
        house, "catalog_encryption_replica", **there,
        data_catalog_encryption_settings={"encryption_at_rest": at_rest, "connection_password_encryption": passwords},
    )  # fmt: skip
    databases = {
        layer: database(
            house, layer, f"database_{layer}_replica", f"s3://{names.replica_bucket(env, Zone(layer))}",
            depends_on=[encrypted, settings, buckets[Zone(layer)].bucket], **there,
        )
        for layer in names.LAYERS
    }  # fmt: skip
    for contract in house.facts.schemas.on_lake.values():
        place = f"table_{contract.layer}_{contract.name}_replica"
        table(
            house,
            contract,
            databases[contract.layer],
            place,
            names.replica_table_uri(env, contract.table),
            **there,
        )
    return databases


def _messages(house: House) -> dict[str, Any]:
    return {
        "Effect": "Allow", "Principal": {"Service": ["cloudwatch.amazonaws.com", "sns.amazonaws.com"]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": house.env.account}},
    }  # fmt: skip
