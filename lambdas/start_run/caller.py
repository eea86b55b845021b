"""Who calls: Lambda does not tell a function, so the caller sends a request to STS that it has signed.

STS answers it with the caller's ARN. AWS's own Kubernetes authenticator and Vault know callers like this:
https://developer.hashicorp.com/vault/docs/auth/aws#iam-auth-method
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lambdas.common.aws import TIMEOUT_SECONDS
from lambdas.start_run.refused import RefusedError
from lambdas.start_run.settings import StartSettings

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

CODE = "RUN641"
# As botocore writes it: its digest is signed.
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
# Signed by the caller, so that a proof made for this function is of no use to another.
NAME_HEADER = "X-Lakehouse-Function"
HEADERS = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", NAME_HEADER)
_SIGNED = re.compile(r"SignedHeaders=([a-z0-9;-]+)")


def caller_arn(settings: StartSettings, identity: Mapping[str, str]) -> str:
    """The ARN of who signed `identity`. Raises RefusedError, also for a caller of another account."""
    from botocore.exceptions import ClientError  # slows a cold start

    signed = _SIGNED.search(identity.get("Authorization", ""))
    if set(identity) - set(HEADERS) or signed is None:
        raise RefusedError(f"identity: wanted the signed headers {', '.join(HEADERS)}", CODE)
    names = signed[1].split(";")
    if NAME_HEADER.lower() not in names or identity.get(NAME_HEADER) != settings.function_name:
        raise RefusedError("identity: it is not signed for this function", CODE)
    try:
        answer = _sts(settings, identity).get_caller_identity()
    except ClientError as error:
        raise RefusedError(f"identity: STS says {error.response['Error']['Code']}", CODE) from None
    if answer["Account"] != settings.account:
        raise RefusedError("identity: the caller belongs to another account", CODE)
    return answer["Arn"]


def _sts(settings: StartSettings, identity: Mapping[str, str]) -> STSClient:
    """A client that signs nothing, and sends the caller's signature. A caller cannot name its endpoint."""
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    url = os.environ.get("AWS_ENDPOINT_URL") or f"https://sts.{settings.region}.amazonaws.com"
    config = Config(signature_version=UNSIGNED, connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS)
    client = boto3.client("sts", region_name=settings.region, endpoint_url=url, config=config)

    def send_identity(params: dict[str, Any], **_: object) -> None:
        params["headers"] = {**params["headers"], **identity}

    client.meta.events.register("before-call.sts.GetCallerIdentity", send_identity)
    return client
