"""The credentials that a run has: those of a session of its job's role."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from local_aws.glue.host import GlueHost
from local_aws.glue.s3_files import LaunchError
from local_aws.iam.trust import service_may_assume

SESSION_NAME = "GlueJobRunnerSession"
_SERVICE = "glue.amazonaws.com"
# An hour is the default of a role; moto's sessions do not end.
_SECONDS = 3600


def role_session(host: GlueHost, region: str, role_arn: str) -> dict[str, str]:
    """A new session of the role, as keyword arguments of a boto3 client.

    This is the one place where a run gets its rights: each call that it signs with these keys is decided by
    the policies of the role. Raises LaunchError for a role that Glue may not take on.
    """
    account = role_arn.split(":")[4]
    try:
        role = host.client("iam", region).get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
    except ClientError as error:
        raise _not_assumable(role_arn) from error
    if not service_may_assume(json.dumps(role["AssumeRolePolicyDocument"]), _SERVICE, account):
        raise _not_assumable(role_arn)
    answer = host.client("sts", region).assume_role(
        RoleArn=role_arn, RoleSessionName=SESSION_NAME, DurationSeconds=_SECONDS
    )
    keys = answer["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def role_arn(role: str, account: str) -> str:
    """The ARN of a job's role, which a job may state by name."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"


def _not_assumable(role_arn: str) -> LaunchError:
    return LaunchError(f"Role {role_arn} should be given assume role permissions for Glue Service.")
