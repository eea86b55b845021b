"""A bucket per zone, and a bucket for their access logs."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.s3_bucket_notification import S3BucketNotification

from infra.constructs.bucket import Bucket, BucketSpec, Expiry, bucket, log_bucket
from infra.parts.encryption.keys import Keys
from infra.parts.storage.named_access import only_named_on_bucket
from infra.platform_stack import PlatformStack
from lakehouse.environments import names, prefixes
from lakehouse.environments.names import Zone
from lakehouse.environments.recovery import Retention

# A stream writes and deletes thousands of files of state a day, and a run stages rows: nobody brings them
# back.
SHORT_LIVED = (Zone.CHECKPOINTS,)


@dataclass(frozen=True)
class Storage:
    """The buckets of the zones, and the one that holds their access logs."""

    zones: dict[Zone, Bucket]
    access_logs: Bucket


def add_storage(stack: PlatformStack, keys: Keys) -> Storage:
    """The buckets. S3 sends events of landing to EventBridge."""
    env, retention = stack.env, stack.env.stack.retention
    logs = log_bucket(stack, "access_logs", names.access_log_bucket(env))
    zones = {
        zone: bucket(
            stack,
            BucketSpec(
                suffix=zone,
                name=names.bucket(env, zone),
                key=keys.of(zone),
                noncurrent_days=1 if zone in SHORT_LIVED else retention.noncurrent_days,
                expiries=_expiries(zone, retention),
                logs_to=logs,
                lock_days=retention.gold_lock_days if zone is Zone.GOLD else 0,
                statements=only_named_on_bucket(stack.facts, zone, names.bucket(env, zone)),
            ),
        )
        for zone in Zone
    }
    S3BucketNotification(stack, "events_landing", bucket=zones[Zone.LANDING].bucket.id, eventbridge=True)
    return Storage(zones, logs)


def _expiries(zone: Zone, retention: Retention) -> tuple[Expiry, ...]:
    """After how many days objects of a zone expire, by prefix."""
    by_zone = {
        Zone.LANDING: (Expiry("", retention.landing_days),),
        Zone.QUARANTINE: (Expiry(f"{prefixes.QUARANTINE}/", retention.error_lane_days),),
        Zone.CHECKPOINTS: (Expiry(f"{prefixes.STAGING}/", retention.staging_days),),
        Zone.ATHENA: (Expiry("", retention.athena_days),),
    }
    return by_zone.get(zone, ())
