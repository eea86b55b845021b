"""Makes sure that the credentials open the environment's account, before anything is touched."""

from __future__ import annotations

from typing import Any

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments.model import Environment

# The error codes of STS for keys that are unknown, expired or malformed.
_REFUSED = (
    "InvalidClientTokenId",
    "ExpiredToken",
    "ExpiredTokenException",
    "SignatureDoesNotMatch",
    "AccessDenied",
    "UnrecognizedClientException",
)


def check_deployer(env: Environment, caller: str) -> None:
    """Raises RunError (RUN532) unless the caller is the deployer's role: it alone administers Lake Formation.

    `caller` is an ARN. In an embedded AWS, whoever calls is the administrator.
    """
    if env.overlay is not None:
        return
    role = env.stack.deployer_role
    # arn:aws:sts::<account>:assumed-role/<role>/<session>
    assumed = caller.partition(":assumed-role/")[2].partition("/")[0]
    if assumed != role:
        raise RunError(
            f"{caller} deploys '{env.name}', and only the role '{role}' (stack.deployer_role) administers "
            "its Lake Formation: half of the grants would be denied; nothing was touched. Assume that role, "
            f"or make it with `lakehouse bootstrap --env {env.name}`",
            code="RUN532",
        )


def check_account(env: Environment) -> str:
    """The ARN of the caller.

    Raises RunError: RUN501 without usable credentials, RUN502 when they belong to another account.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    expected = f"environment '{env.name}' lives in account {env.account}"
    try:
        caller: dict[str, Any] = clients(env).client("sts").get_caller_identity()
    except ClientError as error:
        reason = error.response["Error"]["Code"]
        if reason not in _REFUSED:
            raise
        raise RunError(
            f"the AWS credentials were refused ({reason}); {expected}: sign in anew", code="RUN501"
        ) from None
    except BotoCoreError as error:
        # botocore's base error: no keys, no profile of that name, an expired sign-in, no network.
        reason = " ".join(str(error).split())
        raise RunError(
            f"no usable AWS credentials ({reason}); {expected}: set AWS_PROFILE, or sign in", code="RUN501"
        ) from None
    if caller["Account"] != env.account:
        raise RunError(
            f"{expected}, but these credentials ({caller['Arn']}) open account {caller['Account']}; "
            "nothing was touched",
            code="RUN502",
        )
    return str(caller["Arn"])
