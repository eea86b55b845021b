"""What survives the loss of a region: copies of the zones, their catalog, and backups of state and Lakebase.

docs/runbooks/dr-restore.md describes the recovery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.glue_catalog_database import GlueCatalogDatabase
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.lakeformation_data_lake_settings import LakeformationDataLakeSettings
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic

from infra.constructs.bucket import Bucket
from infra.constructs.key import key
from infra.parts.alerting.notifiers import Notifiers
from infra.parts.catalog.encryption import encrypt_catalog
from infra.parts.catalog.tables import database, table
from infra.parts.encryption.keys import Keys
from infra.parts.recovery.alarms import recovery_alarms
from infra.parts.recovery.backup import Backup, backup
from infra.parts.recovery.replication import replication
from infra.parts.recovery.topic import replica_topic
from infra.parts.serving.serving import Serving
from infra.parts.storage.state import State
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import LAYERS, Zone


@dataclass(frozen=True)
class Recovery:
    """The second region's resources; `backup` spans both regions. `topic` receives its alarms."""

    buckets: Mapping[Zone, Bucket]
    databases: Mapping[str, GlueCatalogDatabase]
    backup: Backup
    topic: SnsTopic


def add_recovery(
    stack: PlatformStack,
    keys: Keys,
    storage: Storage,
    state: State,
    serving: Serving,
    notifiers: Notifiers,
    settings: LakeformationDataLakeSettings,
) -> Recovery:
    """Everything of the second region.

    `settings` are Lake Formation's of that region: a database created before them would be open to everybody.
    """
    purpose = "backups, catalog and alerts of the second region"
    own_key = key(stack, "recovery", purpose, services={"Alarms": _key_for_alarms(stack)}, replica=True)
    buckets = replication(stack, keys, storage)
    databases = _catalog(stack, own_key, buckets, settings)
    backups = backup(stack, keys, own_key, state, serving)
    topic = replica_topic(stack, own_key)
    recovery_alarms(stack, notifiers.topic_arn, topic.arn)
    return Recovery(buckets, databases, backups, topic)


def _catalog(
    stack: PlatformStack,
    own_key: KmsKey,
    buckets: Mapping[Zone, Bucket],
    settings: LakeformationDataLakeSettings,
) -> dict[str, GlueCatalogDatabase]:
    """Databases and tables as in the first region, so that queries run unchanged."""
    env, provider = stack.env, {"provider": stack.replica}
    encryption = encrypt_catalog(stack, "catalog_encryption_replica", own_key, **provider)
    databases = {}
    for layer in LAYERS:
        location = f"s3://{names.replica_bucket(env, Zone(layer))}"
        after = [encryption, settings, buckets[Zone(layer)].bucket]
        resource = f"database_{layer}_replica"
        databases[layer] = database(stack, layer, resource, location, depends_on=after, **provider)
    for contract in stack.facts.schemas.on_lake.values():
        resource = f"table_{contract.layer}_{contract.name}_replica"
        location = names.replica_table_uri(env, contract.table)
        table(stack, contract, databases[contract.layer], resource, location, **provider)
    return databases


def _key_for_alarms(stack: PlatformStack) -> dict[str, Any]:
    """Lets CloudWatch and SNS use the key for this account."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": ["cloudwatch.amazonaws.com", "sns.amazonaws.com"]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": stack.env.account}},
    }
