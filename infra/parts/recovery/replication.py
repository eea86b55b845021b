"""Copies of the zones: S3 replication with its time control, which promises 15 minutes and measures them."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_aws.s3_bucket_replication_configuration import (
    S3BucketReplicationConfigurationA,
    S3BucketReplicationConfigurationRule,
)

from infra.constructs.bucket import Bucket, BucketSpec, Expiry, bucket, log_bucket
from infra.constructs.role import Statements, service_role
from infra.parts.encryption.keys import Keys
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone

# Landing too: a file that came after the last ingest is nowhere else. Error lanes are made again from landing and the sources,
# checkpoints from bronze's offsets, artifacts by a deployment, query results by their queries.
REPLICATED = (Zone.LANDING, Zone.BRONZE, Zone.SILVER, Zone.GOLD)
# S3 knows no other number.
PROMISED_MINUTES = 15
RULE = "everything"


def replication(stack: PlatformStack, keys: Keys, storage: Storage) -> dict[Zone, Bucket]:
    """The replica buckets, and what fills them. Delete markers are copied: a vacuumed or expired file goes there too, and stays for the recovery window."""
    logs = log_bucket(stack, "access_logs_replica", names.replica_log_bucket(stack.env), replica=True)
    made = {zone: _replica(stack, keys, zone, logs) for zone in REPLICATED}
    role = service_role(stack, "replication", "s3.amazonaws.com", _may(stack, keys), says_account=False)
    for zone in REPLICATED:
        source, target = storage.zones[zone], made[zone]
        S3BucketReplicationConfigurationA(
            stack,
            f"replication_{zone}",
            bucket=source.bucket.id,
            role=role.arn,
            rule=[_rule(keys, zone, target)],
            depends_on=[source.versioning, target.versioning],
        )
    return made


def _replica(stack: PlatformStack, keys: Keys, zone: Zone, logs: Bucket) -> Bucket:
    env, keep = stack.env, stack.env.stack.retention
    return bucket(
        stack,
        BucketSpec(
            place=f"{zone}_replica",
            name=names.replica_bucket(env, zone),
            key=keys.replica_of(zone),
            noncurrent_days=keep.noncurrent_days,
            # What a lifecycle rule deletes is not replicated, so the copy has the rule as well.
            expiries=(Expiry("", keep.landing_days),) if zone is Zone.LANDING else (),
            replica=True,
            logs_to=logs,
            lock_days=keep.gold_lock_days if zone is Zone.GOLD else 0,
        ),
    )


def _rule(keys: Keys, zone: Zone, target: Bucket) -> Any:
    """The copies are this account's: both buckets enforce their owner. (S3 refuses a change of owner within one account.)"""
    promised = {"minutes": PROMISED_MINUTES}
    destination = {
        "bucket": target.bucket.arn,
        "storage_class": "STANDARD",
        "encryption_configuration": {"replica_kms_key_id": keys.replica_of(zone).arn},
        "replication_time": {"status": "Enabled", "time": promised},
        "metrics": {"status": "Enabled", "event_threshold": promised},
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


def _may(stack: PlatformStack, keys: Keys) -> Statements:
    env = stack.env
    sources = [f"arn:aws:s3:::{names.bucket(env, zone)}" for zone in REPLICATED]
    targets = [f"arn:aws:s3:::{names.replica_bucket(env, zone)}" for zone in REPLICATED]
    return {
        "SeeSources": {
            "Action": [
                "s3:GetReplicationConfiguration",
                "s3:ListBucket",
                "s3:GetBucketObjectLockConfiguration",
            ],
            "Resource": sources,
        },
        "ReadSources": {
            "Action": [
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
                "s3:GetObjectRetention",
                "s3:GetObjectLegalHold",
            ],
            "Resource": [f"{arn}/*" for arn in sources],
        },
        "WriteCopies": {
            "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
            "Resource": [f"{arn}/*" for arn in targets],
        },
        "Decrypt": _kms(["kms:Decrypt"], {keys.of(z).arn for z in REPLICATED}, env.region, sources),
        "Encrypt": _kms(
            ["kms:Encrypt", "kms:GenerateDataKey"],
            {keys.replica_of(z).arn for z in REPLICATED},
            env.replica_region,
            targets,
        ),
    }


def _kms(actions: list[str], of: set[str], region: str, buckets: list[str]) -> dict[str, Any]:
    """Through S3 of that region alone. With bucket keys the context is the bucket, without them the object."""
    context = {"kms:EncryptionContext:aws:s3:arn": [*buckets, *(f"{arn}/*" for arn in buckets)]}
    condition = {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}, "ArnLike": context}
    return {"Action": actions, "Resource": sorted(of), "Condition": condition}
