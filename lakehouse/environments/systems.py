"""The facts of the systems outside: their connections, secrets and identities."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakehouse.environments.fact import Fact

# The secret of the Lakebase, by the name that jobs give it.
LAKEBASE = "postgres"
SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Connection(Fact):
    """A Glue connection: the address of a system. The login is in the secret that `secret` names."""

    kind: Literal["JDBC", "KAFKA", "SNOWFLAKE"]
    url: Annotated[str, Field(pattern=r"^[^@\s]+$")] | None = Field(
        None,
        description=(
            "JDBC URL, bootstrap servers, or account host; without a password. That of the Lakebase is the "
            "address of the cluster that the stack makes."
        ),
    )
    secret: SecretName

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.url is None) != (self.secret == LAKEBASE):
            raise ValueError(
                "url is missing"
                if self.url is None
                else "url is stated, and the stack makes the Lakebase: its address is that of the cluster"
            )
        return self


class SnowflakeStorage(Fact):
    """Who Snowflake is in AWS, as `DESC INTEGRATION` of the storage integration says."""

    user_arn: Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:(user|role)/\S+$")] = Field(
        description="STORAGE_AWS_IAM_USER_ARN"
    )
    external_id: Annotated[str, Field(pattern=r"^\S{2,1224}$")] = Field(description="STORAGE_AWS_EXTERNAL_ID")


class DataFactory(Fact):
    """A factory of Azure whose pipelines run in place of the ingest jobs with scheduler_type ADF."""

    subscription: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")] = Field(
        description="Id of the subscription. The secret's connection names it too."
    )
    resource_group: Annotated[str, Field(pattern=r"^[\w().-]{0,89}[\w()-]$")]
    factory: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{1,61}[A-Za-z0-9]$")]
    secret: SecretName = Field(
        "azure_data_factory",
        description="Secret with the Airflow connection by which the factory is reached, as JSON.",
    )
    poll_seconds: Annotated[int, Field(ge=1, le=600)] = Field(
        30, description="So often Airflow asks how a pipeline's run stands."
    )


class Rotation(Fact):
    """How a secret is rotated: by a function, which knows the system that the secret opens."""

    lambda_arn: Annotated[str, Field(pattern=r"^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+$")]
    days: Annotated[int, Field(ge=1, le=1000)]
