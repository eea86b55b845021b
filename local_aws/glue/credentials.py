"""The credentials that a run has: those of a session of its job's role."""

from __future__ import annotations

from local_aws.glue.host import GlueHost
from local_aws.glue.s3_files import LaunchError
from local_aws.iam import assumption

SESSION_NAME = "GlueJobRunnerSession"
_SERVICE = "glue.amazonaws.com"


def role_session(host: GlueHost, region: str, role_arn: str) -> dict[str, str]:
    """A new session of the role. Raises LaunchError for a role that Glue may not take on."""
    try:
        return assumption.role_session(host, region, role_arn, _SERVICE, SESSION_NAME)
    except assumption.AssumptionError as error:
        text = f"Role {role_arn} should be given assume role permissions for Glue Service."
        raise LaunchError(text) from error


def role_arn(role: str, account: str) -> str:
    """The ARN of a job's role, which a job may state by name."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
