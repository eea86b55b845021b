"""The facts of what the stack builds on AWS: sizes, retention, protection, alerts and budgets."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakehouse.environments.fact import Count, Fact
from lakehouse.environments.network import Network
from lakehouse.environments.recovery import Recovery, Retention
from lakehouse.environments.systems import Connection, Rotation, SecretName, SnowflakeStorage

Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


# The secret whose field `key` hashes the personal data of an environment.
MASKING_SECRET = "pii_key"  # noqa: S105
# The secret whose field `key` hashes forgotten persons. No rotation: nobody has the values to hash them anew.
SUBJECT_SECRET = "forgotten_key"  # noqa: S105


class Airflow(Fact):
    version: Literal["3.0.6", "3.2.1"]
    environment_class: Literal["mw1.micro", "mw1.small", "mw1.medium", "mw1.large"] = Field(
        description="mw1.micro runs three tasks at once and holds 25 DAGs, in one container."
    )
    max_workers: Annotated[int, Field(ge=1, le=25)]
    maintenance: Annotated[str, Field(pattern=r"^(MON|TUE|WED|THU|FRI|SAT|SUN):([01]\d|2[0-3]):(00|30)$")] = (
        Field(description="Weekly two hours (UTC) in which AWS may restart Airflow.")
    )

    @property
    def schedulers(self) -> int:
        """A micro environment has one; a larger one includes two in its price."""
        return 1 if self.environment_class == "mw1.micro" else 2

    @model_validator(mode="after")
    def _micro_has_one_worker(self) -> Self:
        if self.environment_class == "mw1.micro" and self.max_workers != 1:
            raise ValueError(f"max_workers is {self.max_workers}, and mw1.micro has exactly one")
        return self


class Lakebase(Fact):
    """Aurora PostgreSQL Serverless v2. One capacity unit is about 2 GiB of memory."""

    engine_version: Annotated[str, Field(pattern=r"^1[6-9](\.\d+)?$")] = Field(
        description=(
            "PostgreSQL: `16` follows AWS's upgrades to newer minor versions, `16.8` stays. 16.3 is the "
            "first that can pause."
        )
    )
    min_capacity: Annotated[float, Field(ge=0, le=256)] = Field(description="0 pauses an idle database.")
    max_capacity: Annotated[float, Field(ge=1, le=256)]
    instances: Annotated[int, Field(ge=1, le=15)] = Field(
        description="The second and further ones are readers that take over."
    )


class Budget(Fact):
    monthly_usd: Count
    # AWS Budgets allows five notifications, and the forecast uses one.
    alert_percent: Annotated[list[Annotated[int, Field(ge=1, le=1000)]], Field(min_length=1, max_length=4)]


class Alerts(Fact):
    """Who gets the alerts of jobs whose row names no address, and of everything that is no job."""

    emails: Annotated[list[Email], Field(min_length=1)]
    slack_secret: str | None = Field(
        None, description="Secret with the key `token` of a Slack bot; without it nothing goes to Slack."
    )
    slack_channel: str = "#lakehouse-alerts"
    docs_url: Annotated[str, Field(pattern=r"^https://\S+[^/\s]$")] = Field(
        description="Where docs/ can be read; messages link to its runbooks."
    )
    of_jobs: bool = Field(
        True, description="Has each job its alarms, and each pipeline one that speaks for them?"
    )
    tell_success: bool = Field(False, description="Is a job that succeeded worth a message?")


class Watch(Fact):
    """Thresholds of the scheduled check. A robust deviation is 1.4826 times the median distance from the
    median.
    """

    every_minutes: Annotated[int, Field(ge=5, le=60)] = 15
    grace_minutes: Count = Field(30, description="A run may start so much later than its schedule says.")
    history_days: Annotated[int, Field(ge=5, le=60)] = Field(
        14, description="How many logical dates are what is usual."
    )
    deviations: Annotated[float, Field(ge=1, le=20)] = Field(
        5, description="A count further than this many deviations from its median is told."
    )


class Stack(Fact):
    owner: str
    cost_centre: str
    protect: bool = Field(
        description="Refuse to delete what holds data. Where false, `destroy` leaves nothing."
    )
    deployer_role: str = Field(
        description=(
            "Name of the IAM role that deploys; it administers Lake Formation and is never granted data."
        )
    )
    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")] | None = Field(
        None,
        description=(
            "OWNER/NAME on GitHub, whose workflows take on the two roles; `lakehouse bootstrap` makes them. "
            "Without one, somebody else makes them."
        ),
    )
    plan_role: Annotated[str, Field(pattern=r"^[\w+=,.@-]{1,64}$")] | None = Field(
        None,
        description=(
            "Name of the IAM role that plans: it reads Lake Formation whole and changes nothing. Without "
            "one, the deployer plans."
        ),
    )
    identity_provider: Annotated[str, Field(pattern=r"^[\w.-]{1,128}$")] = Field(
        description=(
            "Name of the account's SAML provider, by which people come in. It sends their groups as "
            "eduPersonAffiliation."
        )
    )
    raw_access: list[Annotated[str, Field(pattern=r"^[\w+=,.@-]{1,64}$")]] = Field(
        default_factory=list,
        description=(
            "Names of IAM roles that read or write raw zones beside the platform's own: a supplier that "
            "delivers to landing, or whoever erases a person. All others are kept out by bucket and key."
        ),
    )
    network: Network
    retention: Retention
    recovery: Recovery
    orchestrator: Literal["mwaa", "none"] = Field(
        "mwaa",
        description=(
            "What starts the jobs. With none there is no Airflow: schedules of EventBridge start a state "
            "machine of Step Functions for each DAG, with the same jobs, order and dates."
        ),
    )
    airflow: Airflow
    lakebase: Lakebase
    athena_scanned_gb: Count = Field(description="A query that would scan more is stopped.")
    budget: Budget
    alerts: Alerts
    connections: dict[SecretName, Connection] = Field(
        default_factory=dict, description="Systems that Glue knows by name."
    )
    snowflake_storage: SnowflakeStorage | None = Field(
        None, description="With it the stack makes the role by which Snowflake reaches staged files."
    )
    rotation: dict[SecretName, Rotation] = Field(
        default_factory=dict,
        description="Secret → how it is renewed. Who has no function here renews it by hand.",
    )
    watch: Watch = Field(default_factory=lambda: Watch())
