"""Sessions that AWS's services open for the roles of jobs and functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local_aws.iam.trust import service_may_assume

if TYPE_CHECKING:
    from local_aws.glue.host import GlueHost

# An hour is the default of a role; moto's sessions do not end.
_SECONDS = 3600


class AssumptionError(Exception):
    """A service may not take on a role, or the role does not exist."""


def role_session(
    host: GlueHost, region: str, role_arn: str, service: str, session: str, source_arn: str = ""
) -> dict[str, str]:
    """A new session of the role, as keyword arguments of a boto3 client. Raises AssumptionError.

    `source_arn`: the resource for which the service asks, where it says so. Each call that is signed with
    these keys is decided by the policies of the role.
    """
    account = role_arn.split(":")[4]
    try:
        role = host.client("iam", region).get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
    except ClientError as error:
        raise AssumptionError(f"{role_arn} does not exist") from error
    if not service_may_assume(json.dumps(role["AssumeRolePolicyDocument"]), service, account, source_arn):
        raise AssumptionError(f"{service} is not authorized to assume {role_arn}")
    answer = host.client("sts", region).assume_role(
        RoleArn=role_arn, RoleSessionName=session[:64], DurationSeconds=_SECONDS
    )
    keys = answer["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
