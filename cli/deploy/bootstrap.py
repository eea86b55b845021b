"""`lakehouse bootstrap`: the one thing that is there before the stack, the bucket of Terraform's state."""

from __future__ import annotations

import json
from typing import Any

import typer

from cli.common import EnvName
from cli.deploy.account import check_account
from glue_jobs.aws import clients
from lakehouse.environments import names
from lakehouse.environments.model import Environment

_KEPT_DAYS = 90


def bootstrap(env: EnvName) -> None:
    """Make the bucket of an environment's Terraform state, or bring the one that is there up to what it should be.

    Versioned, encrypted, private, TLS only. Run it once per environment, before the first deploy; running it again changes nothing.
    """
    from cli.deploy.deploy_target import place

    here = place(env)
    check_account(here)
    made = make_state_bucket(here)
    typer.echo(
        f"{names.state_bucket(here)} {'made' if made else 'was there'}: versioned, encrypted, private, TLS only"
    )


def make_state_bucket(env: Environment) -> bool:
    """Was it made now? Its settings are written either way, so that an interrupted call is finished by the next."""
    s3: Any = clients(env).s3
    bucket = names.state_bucket(env)
    made = _create(s3, env, bucket)
    owned = {"Bucket": bucket, "ExpectedBucketOwner": env.account}
    s3.put_public_access_block(
        **owned,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True,
        },
    )  # fmt: skip
    s3.put_bucket_versioning(**owned, VersioningConfiguration={"Status": "Enabled"})
    by_kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(**owned, ServerSideEncryptionConfiguration={"Rules": [by_kms]})
    s3.put_bucket_policy(**owned, Policy=json.dumps(_only_tls(bucket)))
    s3.put_bucket_lifecycle_configuration(**owned, LifecycleConfiguration={"Rules": [_old_states()]})
    s3.put_bucket_tagging(
        **owned, Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in names.tags(env).items()]}
    )
    return made


def _create(s3: Any, env: Environment, bucket: str) -> bool:
    from botocore.exceptions import ClientError

    # One region alone refuses to be named.
    where = (
        {} if env.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": env.region}}
    )
    try:
        s3.create_bucket(Bucket=bucket, ObjectOwnership="BucketOwnerEnforced", **where)
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
        return False
    return True


def _only_tls(bucket: str) -> dict[str, Any]:
    arn = f"arn:aws:s3:::{bucket}"
    deny = {
        "Sid": "OnlyTls", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }  # fmt: skip
    return {"Version": "2012-10-17", "Statement": [deny]}


def _old_states() -> dict[str, Any]:
    return {
        "ID": "old-states", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": _KEPT_DAYS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
    }  # fmt: skip
