"""Whose account the credentials open: asked before anything is touched."""

from __future__ import annotations

from typing import Any

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments.model import Environment

# What STS answers to keys that are unknown, expired or malformed.
_REFUSED = (
    "InvalidClientTokenId",
    "ExpiredToken",
    "ExpiredTokenException",
    "SignatureDoesNotMatch",
    "AccessDenied",
    "UnrecognizedClientException",
)


def check_account(env: Environment) -> str:
    """The ARN of who deploys. Raises RunError: RUN501 without usable credentials, RUN502 when they open another account."""
    from botocore.exceptions import BotoCoreError, ClientError

    wanted = f"environment '{env.name}' lives in account {env.account}"
    try:
        caller: dict[str, Any] = clients(env).client("sts").get_caller_identity()
    except ClientError as error:
        if error.response["Error"]["Code"] not in _REFUSED:
            raise
        raise RunError(
            f"the AWS credentials were refused ({error.response['Error']['Code']}); {wanted}: sign in anew",
            code="RUN501",
        ) from None
    except BotoCoreError as error:
        # Every way to have none: no keys, no profile of that name, an expired sign-in, no network.
        raise RunError(
            f"no usable AWS credentials ({_one_line(error)}); {wanted}: set AWS_PROFILE, or sign in",
            code="RUN501",
        ) from None
    if caller["Account"] != env.account:
        raise RunError(
            f"{wanted}, but these credentials ({caller['Arn']}) open account {caller['Account']}; nothing was touched",
            code="RUN502",
        )
    return str(caller["Arn"])


def check_state_bucket(env: Environment) -> None:
    """Raises RunError (RUN505) when there is nowhere to keep the state."""
    from botocore.exceptions import ClientError

    from lakehouse.environments import names

    bucket = names.state_bucket(env)
    try:
        clients(env).s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=env.account)
    except ClientError as error:
        reason = (
            "does not exist"
            if error.response["Error"]["Code"] in ("404", "NoSuchBucket")
            else "cannot be used"
        )
        raise RunError(
            f"the bucket of Terraform's state, {bucket}, {reason}; make it with `lakehouse bootstrap --env {env.name}`",
            code="RUN505",
        ) from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
