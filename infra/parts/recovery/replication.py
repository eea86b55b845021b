"""Copies of the zones in the second region, by S3 replication with time control."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_aws.s3_bucket_replication_configuration import (
    S3BucketReplicationConfigurationA,
    S3BucketReplicationConfigurationRule,
)

from infra.constructs.bucket import Bucket, BucketSpec, Expiry, bucket, log_bucket
from infra.constructs.role import Statements, service_role
from infra.parts.encryption.keys import Keys
from infra.parts.storage.named_access import only_named_on_bucket
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import Environment, names
from lakehouse.environments.names import REPLICATED, Zone

# Replication time control has this objective and no other.
OBJECTIVE_MINUTES = 15
RULE = "everything"


def replication(stack: PlatformStack, keys: Keys, storage: Storage) -> dict[Zone, Bucket]:
    """The replica buckets and their replication.

    Delete markers are replicated: a vacuumed or expired file is deleted in the copy too, and stays there for
    the recovery window.
    """
    logs = log_bucket(stack, "access_logs_replica", names.replica_log_bucket(stack.env), replica=True)
    replicas = {zone: _replica(stack, keys, zone, logs) for zone in REPLICATED}
    permissions = _permissions(stack, keys)
    role = service_role(stack, "replication", "s3.amazonaws.com", permissions, says_account=False)
    again = _again_permissions(stack.env)
    service_role(stack, "batch_replication", "batchoperations.s3.amazonaws.com", again)
    for zone in REPLICATED:
        source, replica = storage.zones[zone], replicas[zone]
        S3BucketReplicationConfigurationA(
            stack,
            f"replication_{zone}",
            bucket=source.bucket.id,
            role=role.arn,
            rule=[_rule(keys, zone, replica)],
            depends_on=[source.versioning, replica.versioning, *role.policies],
        )
    return replicas


def _replica(stack: PlatformStack, keys: Keys, zone: Zone, logs: Bucket) -> Bucket:
    env, retention = stack.env, stack.env.stack.retention
    # Expirations are not replicated, so the copy has the same lifecycle rule.
    expiries = (Expiry("", retention.landing_days),) if zone is Zone.LANDING else ()
    spec = BucketSpec(
        suffix=f"{zone}_replica",
        name=names.replica_bucket(env, zone),
        key=keys.replica_of(zone),
        noncurrent_days=retention.noncurrent_days,
        expiries=expiries,
        replica=True,
        logs_to=logs,
        lock_days=retention.gold_lock_days if zone is Zone.GOLD else 0,
        statements=only_named_on_bucket(stack.facts, zone, names.replica_bucket(env, zone), replica=True),
    )
    return bucket(stack, spec)


def _rule(keys: Keys, zone: Zone, replica: Bucket) -> S3BucketReplicationConfigurationRule:
    """Replicates every object. It sets no owner: S3 refuses a change of owner within one account."""
    objective = {"minutes": OBJECTIVE_MINUTES}
    destination = {
        "bucket": replica.bucket.arn,
        "storage_class": "STANDARD",
        "encryption_configuration": {"replica_kms_key_id": keys.replica_of(zone).arn},
        "replication_time": {"status": "Enabled", "time": objective},
        "metrics": {"status": "Enabled", "event_threshold": objective},
    }
    return S3BucketReplicationConfigurationRule(
        id=RULE,
        status="Enabled",
        priority=1,
        filter={"prefix": ""},
        delete_marker_replication={"status": "Enabled"},
        source_selection_criteria={"sse_kms_encrypted_objects": {"status": "Enabled"}},
        destination=destination,
    )


def _permissions(stack: PlatformStack, keys: Keys) -> Statements:
    env = stack.env
    sources = [f"arn:aws:s3:::{names.bucket(env, zone)}" for zone in REPLICATED]
    replicas = [f"arn:aws:s3:::{names.replica_bucket(env, zone)}" for zone in REPLICATED]
    source_keys = {keys.of(zone).arn for zone in REPLICATED}
    replica_keys = {keys.replica_of(zone).arn for zone in REPLICATED}
    see = ["GetReplicationConfiguration", "ListBucket", "GetBucketObjectLockConfiguration"]
    read = [
        "GetObjectVersionForReplication",
        "GetObjectVersionAcl",
        "GetObjectVersionTagging",
        "GetObjectRetention",
        "GetObjectLegalHold",
    ]
    write = ["ReplicateObject", "ReplicateDelete", "ReplicateTags"]
    encrypt = ["kms:Encrypt", "kms:GenerateDataKey"]
    return {
        "SeeSources": _s3(see, sources),
        "ReadSources": _s3(read, [f"{arn}/*" for arn in sources]),
        "WriteCopies": _s3(write, [f"{arn}/*" for arn in replicas]),
        "Decrypt": _kms(["kms:Decrypt"], source_keys, env.region, sources),
        "Encrypt": _kms(encrypt, replica_keys, env.replica_region, replicas),
    }


def _again_permissions(env: Environment) -> Statements:
    """Lets batch jobs start the copy of objects again: S3 itself tries no failed one twice."""
    sources = [f"arn:aws:s3:::{names.bucket(env, zone)}" for zone in REPLICATED]
    return {
        "StartCopies": _s3(["InitiateReplication"], [f"{arn}/*" for arn in sources]),
        "ListSources": _s3(["GetReplicationConfiguration", "PutInventoryConfiguration"], sources),
    }


def _s3(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Action": [f"s3:{action}" for action in actions], "Resource": resources}


def _kms(actions: list[str], keys: set[str], region: str, buckets: list[str]) -> dict[str, Any]:
    """Allows the keys through S3 of that region. The encryption context is a bucket or an object."""
    context = {"kms:EncryptionContext:aws:s3:arn": [*buckets, *(f"{arn}/*" for arn in buckets)]}
    condition = {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}, "ArnLike": context}
    return {"Action": actions, "Resource": sorted(keys), "Condition": condition}
