"""The zones as buckets."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.s3_bucket_notification import S3BucketNotification

from infra.constructs.bucket import Bucket, BucketSpec, Expiry, bucket, log_bucket
from infra.parts.storage.keys import Keys
from infra.platform_stack import PlatformStack
from lakehouse.environments import names, prefixes
from lakehouse.environments.names import Zone
from lakehouse.environments.stack import Retention


@dataclass(frozen=True)
class Storage:
    zones: dict[Zone, Bucket]
    access_logs: Bucket


def add_storage(stack: PlatformStack, keys: Keys) -> Storage:
    env, keep = stack.env, stack.env.stack.retention
    logs = log_bucket(stack, "access_logs", names.access_log_bucket(env))
    zones = {
        zone: bucket(stack, BucketSpec(
            place=zone, name=names.bucket(env, zone), key=keys.of(zone), noncurrent_days=keep.noncurrent_days,
            expiries=_expiries(zone, keep), logs_to=logs, lock_days=keep.gold_lock_days if zone is Zone.GOLD else 0,
        ))
        for zone in Zone
    }  # fmt: skip
    S3BucketNotification(stack, "events_landing", bucket=zones[Zone.LANDING].bucket.id, eventbridge=True)
    return Storage(zones, logs)


def _expiries(zone: Zone, keep: Retention) -> tuple[Expiry, ...]:
    by_zone = {
        Zone.LANDING: (Expiry("", keep.landing_days),),
        Zone.QUARANTINE: (Expiry(f"{prefixes.QUARANTINE}/", keep.error_lane_days),),
        Zone.CHECKPOINTS: (Expiry(f"{prefixes.STAGING}/", keep.staging_days),),
        Zone.ATHENA: (Expiry("", keep.athena_days),),
    }
    return by_zone.get(zone, ())
