"""The bucket of Terraform's state: one per environment, made before its stack and kept after it."""

from __future__ import annotations

import json
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import names
from lakehouse.environments.model import Environment

_OLD_STATE_DAYS = 90
_PRIVATE = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
_BY_KMS = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
_EXPIRY = {
    "ID": "old-states",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "NoncurrentVersionExpiration": {"NoncurrentDays": _OLD_STATE_DAYS},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
}


def check_state_bucket(env: Environment) -> None:
    """Raises RunError (RUN505) when the bucket does not exist or cannot be read."""
    from botocore.exceptions import ClientError

    bucket = names.state_bucket(env)
    try:
        clients(env).s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=env.account)
    except ClientError as error:
        missing = error.response["Error"]["Code"] in ("404", "NoSuchBucket")
        reason = "does not exist" if missing else "cannot be used"
        raise RunError(
            f"the bucket of Terraform's state, {bucket}, {reason}; "
            f"make it with `lakehouse bootstrap --env {env.name}`",
            code="RUN505",
        ) from None


def make_state_bucket(env: Environment) -> bool:
    """Make the bucket, and answer whether it is new.

    Its settings are written either way, so a second call finishes one that was interrupted.
    """
    s3: Any = clients(env).s3
    bucket = names.state_bucket(env)
    is_new = _create(s3, env, bucket)
    target = {"Bucket": bucket, "ExpectedBucketOwner": env.account}
    tags = [{"Key": key, "Value": value} for key, value in names.tags(env).items()]
    s3.put_public_access_block(**target, PublicAccessBlockConfiguration=_PRIVATE)
    s3.put_bucket_versioning(**target, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(**target, ServerSideEncryptionConfiguration={"Rules": [_BY_KMS]})
    s3.put_bucket_policy(**target, Policy=json.dumps(_tls_only(bucket)))
    s3.put_bucket_lifecycle_configuration(**target, LifecycleConfiguration={"Rules": [_EXPIRY]})
    s3.put_bucket_tagging(**target, Tagging={"TagSet": tags})
    return is_new


def _create(s3: Any, env: Environment, bucket: str) -> bool:
    """Create the bucket; False when this account has it already."""
    from botocore.exceptions import ClientError

    # us-east-1 is the one region that S3 refuses as a location constraint.
    location = {"CreateBucketConfiguration": {"LocationConstraint": env.region}}
    try:
        s3.create_bucket(
            Bucket=bucket,
            ObjectOwnership="BucketOwnerEnforced",
            **({} if env.region == "us-east-1" else location),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
        return False
    return True


def _tls_only(bucket: str) -> dict[str, Any]:
    """A bucket policy that denies every request without TLS."""
    arn = f"arn:aws:s3:::{bucket}"
    deny = {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [deny]}
