"""The zones as buckets."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.s3_bucket_notification import S3BucketNotification
from cdktf_cdktf_provider_aws.s3_bucket_object_lock_configuration import S3BucketObjectLockConfigurationA

from environments import names
from environments.names import Zone
from environments.stack import Retention
from infra.constructs.bucket import Bucket, BucketSpec, Expiry, bucket
from infra.house import House
from infra.parts.keys import Keys


@dataclass(frozen=True)
class Storage:
    zones: dict[Zone, Bucket]
    access_logs: Bucket


def storage(house: House, keys: Keys) -> Storage:
    env, keep = house.env, house.env.stack.retention
    logs = bucket(house, _log_bucket(house))
    zones = {
        zone: bucket(house, BucketSpec(
            place=zone, name=names.bucket(env, zone), key=keys.of(zone), noncurrent_days=keep.noncurrent_days,
            expiries=_expiries(zone, keep), logs_to=logs, object_lock=zone is Zone.GOLD and keep.gold_lock_days > 0,
        ))
        for zone in Zone
    }  # fmt: skip
    S3BucketNotification(house, "events_landing", bucket=zones[Zone.LANDING].bucket.id, eventbridge=True)
    if keep.gold_lock_days:
        lock = {"default_retention": {"mode": "GOVERNANCE", "days": keep.gold_lock_days}}
        S3BucketObjectLockConfigurationA(house, "lock_gold", bucket=zones[Zone.GOLD].bucket.id, rule=lock)
    return Storage(zones, logs)


def _expiries(zone: Zone, keep: Retention) -> tuple[Expiry, ...]:
    by_zone = {
        Zone.LANDING: (Expiry("", keep.landing_days),),
        Zone.QUARANTINE: (Expiry("_errors/", keep.error_lane_days),),
        Zone.CHECKPOINTS: (Expiry("staging/", keep.staging_days),),
        Zone.ATHENA: (Expiry("", keep.athena_days),),
    }
    return by_zone.get(zone, ())


def _log_bucket(house: House) -> BucketSpec:
    env, keep = house.env, house.env.stack.retention
    name = names.access_log_bucket(env)
    delivery = {
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{name}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": env.account}},
    }  # fmt: skip
    return BucketSpec("access_logs", name, None, keep.noncurrent_days, (Expiry("", keep.log_days),), statements={"Delivery": delivery})
