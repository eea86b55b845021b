"""The credentials that a run has: those of a session of its job's role."""

from __future__ import annotations

from local_aws.glue.host import GlueHost

SESSION_NAME = "GlueJobRunnerSession"
# An hour is the default of a role; moto's sessions do not end.
_SECONDS = 3600


def role_session(host: GlueHost, region: str, role_arn: str) -> dict[str, str]:
    """A new session of the role, as keyword arguments of a boto3 client.

    This is the one place where a run gets its rights: what decides calls by the policies of their role
    finds the role by these keys.
    """
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
