"""A role of the embedded IAM, and the refusals of its calls."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakehouse.environments import Environment

Client = Callable[[str], Any]
TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}


class Role:
    """A role whose policy a test writes, and clients of one of its sessions."""

    def __init__(self, env: Environment, owner: Client) -> None:
        self.env, self.owner, self.name = env, owner, f"role-{os.urandom(4).hex()}"
        trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        self.arn = owner("iam").create_role(RoleName=self.name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self._keys = owner("sts").assume_role(RoleArn=self.arn, RoleSessionName="run")["Credentials"]
        self.user = (
            f"User: arn:aws:sts::{env.account}:assumed-role/{self.name}/run is not authorized to perform: "
        )

    def may(self, *statements: dict[str, Any]) -> None:
        listed = [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]
        document = json.dumps({"Version": "2012-10-17", "Statement": listed})
        self.owner("iam").put_role_policy(RoleName=self.name, PolicyName="job", PolicyDocument=document)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=self.env.region,
            endpoint_url=self.env.aws.endpoint,
            aws_access_key_id=self._keys["AccessKeyId"],
            aws_secret_access_key=self._keys["SecretAccessKey"],
            aws_session_token=self._keys["SessionToken"],
        )


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """Code and message of a refused call."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]
