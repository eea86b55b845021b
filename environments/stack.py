"""The facts of what is built on AWS: how large, for how long, how well protected, and who is told what it costs."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from environments.fact import Count, Fact

Days = Annotated[int, Field(ge=1, le=3650)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Network(Fact):
    """A VPC of the platform's own, or, with `vpc_id`, one that exists."""

    cidr: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,3}){3}/(1[6-9]|2[0-4])$")]
    vpc_id: Annotated[str, Field(pattern=r"^vpc-[0-9a-f]+$")] | None = None
    subnet_ids: list[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]] = Field(
        default_factory=list, description="Exactly two private subnets in two zones, of `vpc_id`."
    )

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if len(self.subnet_ids) != (2 if self.vpc_id else 0):
            raise ValueError("vpc_id and exactly two subnet_ids are stated together, or neither is")
        return self


class Retention(Fact):
    """After how many days what is no longer needed goes."""

    noncurrent_days: Days = Field(description="The recovery window: how long a deleted or overwritten object can be brought back.")
    landing_days: Days
    error_lane_days: Days
    staging_days: Days
    athena_days: Days
    log_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827]
    gold_lock_days: Annotated[int, Field(ge=0, le=3650)] = Field(0, description="Object lock of gold in governance mode; 0 is none.")


class Recovery(Fact):
    """What a lost region may cost. Minutes."""

    rpo_minutes: Annotated[int, Field(ge=15)] = Field(description="Rows that are younger may be lost. Replication promises 15 minutes.")
    rto_minutes: Count = Field(description="After so long the platform runs again.")
    backup_days: Annotated[int, Field(ge=1, le=35)]


class Airflow(Fact):
    version: Literal["3.0.6", "3.2.1"]
    environment_class: Literal["mw1.micro", "mw1.small", "mw1.medium", "mw1.large"]
    max_workers: Count


class Lakebase(Fact):
    """Aurora PostgreSQL Serverless v2. One capacity unit is about 2 GiB of memory."""

    min_capacity: Annotated[float, Field(ge=0, le=256)]
    max_capacity: Annotated[float, Field(ge=1, le=256)]


class Budget(Fact):
    monthly_usd: Count
    alert_percent: Annotated[list[Annotated[int, Field(ge=1, le=1000)]], Field(min_length=1)]


class Alerts(Fact):
    """Who is told when a job's row names nobody, and of what is nobody's job."""

    emails: Annotated[list[Email], Field(min_length=1)]
    slack_secret: str | None = Field(None, description="Secret with the key `token` of a Slack bot; without it nothing goes to Slack.")
    slack_channel: str = "#lakehouse-alerts"


class Stack(Fact):
    owner: str
    cost_centre: str
    protect: bool = Field(description="Refuse to delete what holds data. Where false, `destroy` leaves nothing.")
    deployer_role: str = Field(description="Name of the IAM role that deploys; it administers Lake Formation and is never granted data.")
    network: Network
    retention: Retention
    recovery: Recovery
    airflow: Airflow
    lakebase: Lakebase
    athena_scanned_gb: Count = Field(description="A query that would scan more is stopped.")
    msk_serverless: bool
    budget: Budget
    alerts: Alerts
