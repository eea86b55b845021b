"""A bucket as the house wants it: encrypted, versioned, private, TLS only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from cdktf_cdktf_provider_aws.s3_bucket_object_lock_configuration import S3BucketObjectLockConfigurationA
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import S3BucketOwnershipControls
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import S3BucketVersioningA

from infra.platform_stack import PlatformStack


@dataclass(frozen=True)
class Bucket:
    """`versioning` is what replication must wait for, `policy` what the delivery of logs must."""

    bucket: Any
    versioning: Any
    policy: Any


@dataclass(frozen=True)
class Expiry:
    """Current objects below `prefix` go after `days`."""

    prefix: str
    days: int


@dataclass(frozen=True)
class BucketSpec:
    """What differs between buckets. `key` is None for the log bucket: S3 delivers access logs only where S3 itself holds the key."""

    place: str
    name: str
    key: Any
    noncurrent_days: int
    expiries: tuple[Expiry, ...] = ()
    logs_to: Bucket | None = None
    replica: bool = False
    lock_days: int = 0
    statements: dict[str, Any] = field(default_factory=dict)


def log_bucket(stack: PlatformStack, place: str, name: str, *, replica: bool = False) -> Bucket:
    """Where the buckets of one region say who read them: S3 delivers access logs to no other region."""
    env, keep = stack.env, stack.env.stack.retention
    delivery = {
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{name}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": env.account}},
    }  # fmt: skip
    expiry = Expiry("", keep.log_days)
    return bucket(
        stack,
        BucketSpec(
            place,
            name,
            None,
            keep.noncurrent_days,
            (expiry,),
            replica=replica,
            statements={"Delivery": delivery},
        ),
    )


def bucket(stack: PlatformStack, spec: BucketSpec) -> Bucket:
    env = stack.env
    place = spec.place
    own = {"provider": stack.replica} if spec.replica else {}
    made = S3Bucket(
        stack, f"bucket_{place}", bucket=spec.name, force_destroy=not env.stack.protect, object_lock_enabled=spec.lock_days > 0 or None,
        lifecycle=stack.keep, **own,
    )  # fmt: skip
    here = {"bucket": made.id, **own}
    versioning = S3BucketVersioningA(
        stack, f"versioning_{place}", versioning_configuration={"status": "Enabled"}, **here
    )
    S3BucketServerSideEncryptionConfigurationA(
        stack, f"encryption_{place}", rule=[_encryption(spec.key)], **here
    )
    block = S3BucketPublicAccessBlock(
        stack,
        f"private_{place}",
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        **here,
    )
    S3BucketOwnershipControls(
        stack, f"ownership_{place}", rule={"object_ownership": "BucketOwnerEnforced"}, **here
    )
    policy = json.dumps(_policy(spec))
    # Two changes of one bucket at once are refused by S3, and a public policy must not win the race.
    allowed = S3BucketPolicy(stack, f"policy_{place}", policy=policy, depends_on=[block], **here)
    S3BucketLifecycleConfiguration(
        stack, f"lifecycle_{place}", rule=_rules(spec), depends_on=[versioning], **here
    )
    if spec.lock_days:
        rule = {"default_retention": {"mode": "GOVERNANCE", "days": spec.lock_days}}
        S3BucketObjectLockConfigurationA(stack, f"lock_{place}", rule=rule, **here)
    if spec.logs_to is not None:
        S3BucketLoggingA(
            stack,
            f"logging_{place}",
            target_bucket=spec.logs_to.bucket.id,
            target_prefix=f"{place}/",
            depends_on=[spec.logs_to.policy],
            **here,
        )
    return Bucket(made, versioning, allowed)


def _encryption(key: Any) -> Any:
    by_default = (
        {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}
        if key is not None
        else {"sse_algorithm": "AES256"}
    )
    return S3BucketServerSideEncryptionConfigurationRuleA(
        apply_server_side_encryption_by_default=by_default, bucket_key_enabled=key is not None
    )


def _policy(spec: BucketSpec) -> dict[str, Any]:
    arn = f"arn:aws:s3:::{spec.name}"
    tls = {
        "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }  # fmt: skip
    statements = {"OnlyTls": tls, **spec.statements}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, **statement} for sid, statement in statements.items()],
    }


def _rules(spec: BucketSpec) -> list[Any]:
    recovery = S3BucketLifecycleConfigurationRule(
        id="recovery-window", status="Enabled", filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
        noncurrent_version_expiration=[
            S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=spec.noncurrent_days)
        ],
        abort_incomplete_multipart_upload=[S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=2)],
        expiration=[S3BucketLifecycleConfigurationRuleExpiration(expired_object_delete_marker=True)],
    )  # fmt: skip
    return [recovery, *map(_expiry, spec.expiries)]


def _expiry(expiry: Expiry) -> Any:
    return S3BucketLifecycleConfigurationRule(
        id=f"expire-{expiry.prefix.strip('_/') or 'all'}", status="Enabled", filter=[S3BucketLifecycleConfigurationRuleFilter(prefix=expiry.prefix)],
        expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=expiry.days)],
    )  # fmt: skip
