"""An S3 bucket with the platform's defaults: encrypted, versioned, private, TLS only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cdktf_cdktf_provider_aws.kms_key import KmsKey
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

from infra.constructs.policy import policy_document, tls_only
from infra.platform_stack import PlatformStack


@dataclass(frozen=True)
class Bucket:
    """A bucket, and what others wait for: replication for `versioning`, the delivery of logs for `policy`."""

    bucket: S3Bucket
    versioning: S3BucketVersioningA
    policy: S3BucketPolicy


@dataclass(frozen=True)
class Expiry:
    """Current objects below `prefix` are deleted after `days`."""

    prefix: str
    days: int


@dataclass(frozen=True)
class BucketSpec:
    """What differs between buckets.

    `suffix` ends the Terraform name of each resource of the bucket. `key` is None for a log bucket: S3
    delivers access logs only to a bucket that is encrypted by S3's own key. `lock_days` above 0 locks each
    object for so long.
    """

    suffix: str
    name: str
    key: KmsKey | None
    noncurrent_days: int
    expiries: tuple[Expiry, ...] = ()
    logs_to: Bucket | None = None
    replica: bool = False
    lock_days: int = 0
    statements: dict[str, Any] = field(default_factory=dict)


def log_bucket(stack: PlatformStack, suffix: str, name: str, *, replica: bool = False) -> Bucket:
    """The bucket for the access logs of one region: S3 delivers them to no other region."""
    env, retention = stack.env, stack.env.stack.retention
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{name}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": env.account}},
    }
    spec = BucketSpec(
        suffix,
        name,
        key=None,
        noncurrent_days=retention.noncurrent_days,
        expiries=(Expiry("", retention.log_days),),
        replica=replica,
        statements={"Delivery": delivery},
    )
    return bucket(stack, spec)


def bucket(stack: PlatformStack, spec: BucketSpec) -> Bucket:
    """The bucket of a spec, with each of its settings as a resource of its own."""
    provider = {"provider": stack.replica} if spec.replica else {}
    resource = S3Bucket(
        stack,
        f"bucket_{spec.suffix}",
        bucket=spec.name,
        force_destroy=not stack.env.stack.protect,
        object_lock_enabled=spec.lock_days > 0 or None,
        lifecycle=stack.keep,
        **provider,
    )
    target = {"bucket": resource.id, **provider}
    versioning = S3BucketVersioningA(
        stack, f"versioning_{spec.suffix}", versioning_configuration={"status": "Enabled"}, **target
    )
    policy = _access(stack, spec, target)
    _retention(stack, spec, target, versioning)
    if spec.logs_to is not None:
        S3BucketLoggingA(
            stack,
            f"logging_{spec.suffix}",
            target_bucket=spec.logs_to.bucket.id,
            target_prefix=f"{spec.suffix}/",
            depends_on=[spec.logs_to.policy],
            **target,
        )
    return Bucket(resource, versioning, policy)


def _access(stack: PlatformStack, spec: BucketSpec, target: dict[str, Any]) -> S3BucketPolicy:
    """Encryption, ownership and who may read. Answers the bucket's policy."""
    S3BucketServerSideEncryptionConfigurationA(
        stack, f"encryption_{spec.suffix}", rule=[_encryption(spec.key)], **target
    )
    block = S3BucketPublicAccessBlock(
        stack,
        f"private_{spec.suffix}",
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        **target,
    )
    S3BucketOwnershipControls(
        stack, f"ownership_{spec.suffix}", rule={"object_ownership": "BucketOwnerEnforced"}, **target
    )
    arn = f"arn:aws:s3:::{spec.name}"
    statements = {"OnlyTls": tls_only("s3", Resource=[arn, f"{arn}/*"]), **spec.statements}
    # S3 refuses two changes of one bucket at once, and a public policy must not be written before the block.
    return S3BucketPolicy(
        stack, f"policy_{spec.suffix}", policy=policy_document(statements), depends_on=[block], **target
    )


def _retention(
    stack: PlatformStack, spec: BucketSpec, target: dict[str, Any], versioning: S3BucketVersioningA
) -> None:
    """How long objects and their old versions are kept."""
    S3BucketLifecycleConfiguration(
        stack,
        f"lifecycle_{spec.suffix}",
        rule=[_recovery_window(spec), *map(_expiry, spec.expiries)],
        depends_on=[versioning],
        **target,
    )
    if spec.lock_days:
        rule = {"default_retention": {"mode": "GOVERNANCE", "days": spec.lock_days}}
        S3BucketObjectLockConfigurationA(stack, f"lock_{spec.suffix}", rule=rule, **target)


def _encryption(key: KmsKey | None) -> S3BucketServerSideEncryptionConfigurationRuleA:
    if key is None:
        algorithm = {"sse_algorithm": "AES256"}
    else:
        algorithm = {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}
    return S3BucketServerSideEncryptionConfigurationRuleA(
        apply_server_side_encryption_by_default=algorithm, bucket_key_enabled=key is not None
    )


def _recovery_window(spec: BucketSpec) -> S3BucketLifecycleConfigurationRule:
    """Deletes old versions after the days in which they can be brought back, and what is left of uploads."""
    return S3BucketLifecycleConfigurationRule(
        id="recovery-window",
        status="Enabled",
        filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
        noncurrent_version_expiration=[
            S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                noncurrent_days=spec.noncurrent_days
            )
        ],
        abort_incomplete_multipart_upload=[
            S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=2)
        ],
        expiration=[S3BucketLifecycleConfigurationRuleExpiration(expired_object_delete_marker=True)],
    )


def _expiry(expiry: Expiry) -> S3BucketLifecycleConfigurationRule:
    return S3BucketLifecycleConfigurationRule(
        id=f"expire-{expiry.prefix.strip('_/') or 'all'}",
        status="Enabled",
        filter=[S3BucketLifecycleConfigurationRuleFilter(prefix=expiry.prefix)],
        expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=expiry.days)],
    )
