"""The models of an environment's facts."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakehouse.environments.fact import Count, Fact
from lakehouse.environments.stack import Stack
from lakehouse.environments.streams import Streams
from lakehouse.environments.systems import DataFactory
from lakehouse.project import EnvironmentName

WorkerType = Literal["G.1X", "G.2X", "G.4X", "G.8X", "G.025X"]


class Glue(Fact):
    """How Glue runs the jobs. Prices are in environments/prices.yml."""

    version: Literal["5.1"] = Field(description="A job without a version would get 6.0.")
    worker_type: WorkerType
    workers: Annotated[int, Field(ge=2, le=299)] = Field(
        description="Workers of one job, the driver among them."
    )
    timeout_minutes: Annotated[int, Field(gt=0, le=10080)]
    flex: bool = Field(description="Spare capacity at a lower price, for batch jobs that may start late.")
    stream_worker_type: WorkerType | None = Field(
        None,
        description="Of every stream, in place of its own; G.025X is the smallest, for streams alone.",
    )
    max_concurrent_runs: Count = Field(
        description="Runs of one job at once; a second run of a table would only wait for its lease."
    )
    maintenance_window: Annotated[str, Field(pattern=r"^(Sun|Mon|Tue|Wed|Thu|Fri|Sat):([01]\d|2[0-3])$")] = (
        Field(
            description="Day and hour (UTC) at which AWS may start a streaming job anew; it must once a week."
        )
    )


class Spark(Fact):
    """Settings that differ between a laptop and a cluster. Null keeps Glue's own value."""

    master: str | None = None
    driver_memory: str | None = None
    shuffle_partitions: Count | None = None
    broadcast_threshold_mb: Annotated[int, Field(ge=0, le=8000)] = Field(
        10, description="A side of a join that is smaller is sent to every task; 0 sends none."
    )
    partition_size_mb: Count = Field(
        128, description="What one task reads or writes, about: larger results are several files."
    )
    skew_factor: Count = Field(
        5, description="So many times the median makes a partition of a join skewed; its tasks share it."
    )
    skew_partition_mb: Count = Field(256, description="A smaller partition is never skewed.")
    jars_dir: str | None = Field(None, description="Folder of jars for a Spark that Glue does not provide.")
    java_home: str | None = Field(None, description="The Java of a Spark that Glue does not provide.")
    java_options: list[str] = Field([], description="More options of that Java, such as its class archive.")


class Aws(Fact):
    """How to reach AWS. Without endpoint and keys: the AWS and the role of the process."""

    endpoint: str | None = None
    access_key: str | None = None
    secret_key: str | None = Field(None, description="Only ever the constant of an embedded AWS.")
    proxy_port: Count | None = Field(
        None, description="Port of the embedded AWS under AWS's own host names, for Terraform."
    )


class Transfer(Fact):
    """How rows travel between Spark and a warehouse."""

    secret: str = Field(description="Name of the secret with host, user and password.")
    transfer: Literal["arrow", "stage", "jdbc", "unload"]
    partitions: Count = 2
    statement_minutes: Count = Field(
        60, description="The warehouse cancels a statement, such as an UNLOAD, that takes longer."
    )


class Kafka(Fact):
    secret: str
    max_offsets_per_trigger: Count


class Maintenance(Fact):
    """The targets of table maintenance: file sizes and retention."""

    retain_hours: Annotated[int, Field(ge=168, le=8760)] = Field(
        description=(
            "How long a file that the newest version does not need is kept: so far back a table can "
            "be read, and a reader be behind."
        )
    )
    small_file_mb: Count = Field(description="Smaller files are put together.")
    large_file_mb: Count = Field(description="As large as files are made.")

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.small_file_mb >= self.large_file_mb:
            raise ValueError(
                f"small_file_mb is {self.small_file_mb}, and no file is made larger than {self.large_file_mb}"
            )
        return self


class Quarantine(Fact):
    fail_above_ratio: Annotated[float, Field(gt=0, le=1)] = Field(
        description="More rejects than this share fail the run."
    )


class Environment(Fact):
    """Everything that differs between the environments of a project."""

    name: EnvironmentName
    project: str = Field(description="Name of the project, from lakehouse.yml.")
    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    replica_region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    monitoring: bool
    local_secrets: bool = Field(
        description="May a secret be read from LAKEHOUSE_SECRET_<NAME>? local and dev only."
    )
    aws: Aws
    glue: Glue
    spark: Spark
    snowflake: Transfer
    redshift: Transfer
    kafka: Kafka
    streams: Streams
    quarantine: Quarantine
    maintenance: Maintenance
    stack: Stack
    lease_seconds: Annotated[int, Field(ge=5, le=3600)] = Field(
        description="A lease not renewed for this long is free."
    )
    lease_wait_seconds: Annotated[int, Field(ge=0, le=3600)]
    product: str = Field(description="What the display name of a pipeline of config.json begins with.")
    catalog: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] | None = Field(
        None, description="Name that SQL may put before a layer: loyalty_prod.gold.kafka_data."
    )
    jobs_of: list[EnvironmentName] = Field([], description="Runs the jobs of these environments too.")
    data_factory: DataFactory | None = Field(
        None,
        description="Without one, a job with scheduler_type ADF is a Glue ingest like any other.",
    )
    overlay: str | None = Field(
        None, description="A JSON file, written by `lakehouse local up`, whose facts come on top."
    )

    def on_glue(self) -> Environment:
        """The facts of a job that Glue runs: its AWS and its Spark are those that the process is given."""
        spark = self.spark.model_copy(
            update={"master": None, "driver_memory": None, "jars_dir": None, "java_home": None}
        )
        return self.model_copy(update={"aws": Aws(), "spark": spark, "overlay": None})

    def schedule_of(self, schedule: str) -> str:
        """When a job starts here: a stream that reads what has come, and ends, starts by `streams.starts`."""
        drained = schedule == "continuous" and self.streams.trigger == "available_now"
        return self.streams.starts or schedule if drained else schedule

    @model_validator(mode="after")
    def _airflow_runs_a_data_factory(self) -> Self:
        if self.data_factory is not None and self.stack.orchestrator == "none":
            raise ValueError("data_factory is set, and only Airflow runs it: stack.orchestrator is none")
        return self

    @model_validator(mode="after")
    def _two_regions(self) -> Self:
        if self.replica_region == self.region:
            raise ValueError(
                f"replica_region is the region itself, {self.region}: losing it would lose both copies"
            )
        return self
