"""The facts of the systems outside: their connections, secrets and identities."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lakehouse.environments.fact import Fact

SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Connection(Fact):
    """A Glue connection: the address of a system. The login is in the secret that `secret` names."""

    kind: Literal["JDBC", "KAFKA", "SNOWFLAKE"]
    url: Annotated[str, Field(pattern=r"^[^@\s]+$")] = Field(
        description="JDBC URL, bootstrap servers, or account host; without a password."
    )
    secret: SecretName


class SnowflakeStorage(Fact):
    """Who Snowflake is in AWS, as `DESC INTEGRATION` of the storage integration says."""

    user_arn: Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:(user|role)/\S+$")] = Field(
        description="STORAGE_AWS_IAM_USER_ARN"
    )
    external_id: Annotated[str, Field(pattern=r"^\S{2,1224}$")] = Field(description="STORAGE_AWS_EXTERNAL_ID")


class Rotation(Fact):
    """How a secret is rotated: by a function, which knows the system that the secret opens."""

    lambda_arn: Annotated[str, Field(pattern=r"^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+$")]
    days: Annotated[int, Field(ge=1, le=1000)]
