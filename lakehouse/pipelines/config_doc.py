"""The file format of a pipeline in one file, config.json: streaming with `tasks`, batch SQL with
`execution_sequence`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
SqlFile = Annotated[
    str,
    Field(
        pattern=r"^[\w.-]+(/[\w.-]+)*\.sql$",
        max_length=300,
        description="A SQL file, from the pipeline's folder.",
    ),
]
Table = Annotated[
    str, Field(pattern=r"^[a-z_]+\.[a-z][a-z0-9_]*$", description="Such as gold_db.kafka_data.")
]


LayerTable = Annotated[
    str, Field(pattern=r"^(bronze|silver|gold)\.[a-z][a-z0-9_]*$", description="Such as silver.orders.")
]
Tables = Annotated[list[LayerTable], Field(min_length=1)]


class Doc(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Cluster(Doc):
    """What differs from the environment's own workers."""

    worker_type: Literal["G.1X", "G.2X", "G.4X", "G.8X", "G.025X"] | None = None
    workers: Annotated[int, Field(ge=2, le=299)] | None = None


class KafkaSource(Doc):
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")]
    secret: Name = Field("kafka", description="Name of the secret with the brokers.")
    starting_offsets: Literal["earliest", "latest"] = Field(
        "earliest", description="Where a stream without checkpoint begins."
    )
    max_offsets_per_trigger: Annotated[int, Field(gt=0)] | None = Field(
        None, description="Messages of one micro-batch at most."
    )


class PostgresConnection(Doc):
    secret: Name = Field("postgres", description="Name of the secret with host, user and password.")


class Task(Doc):
    """One stream: `table` as its messages come, or the tables that `sql_file` makes of it."""

    task_name: Name
    table: Table | None = None
    sql_file: SqlFile | None = None
    description: str = ""


class Step(Doc):
    """One SQL file, one ingest or one gate. Those of step 0 run before all others."""

    step: Annotated[int, Field(ge=0, le=999)]
    task_name: Name
    sql_file: SqlFile | None = None
    ingest: Tables | None = Field(None, description="Bronze tables to fill from their sources.")
    gate: Tables | None = Field(None, description="Tables to judge by their suites.")
    connection: Name | None = Field(
        None, description="Of an ingest: name of the secret that opens its warehouse or topic."
    )
    depends_on: list[Name] = []
    description: str = ""


class Shared(Doc):
    """What a file states once for all of its jobs."""

    job_cluster: Cluster = Field(default_factory=lambda: Cluster())
    kafka_source: KafkaSource | None = None
    postgres_connection: PostgresConnection | None = None
    notification_email: str = Field(description="An e-mail address, or a #slack-channel.")
    max_concurrent_runs: Annotated[int, Field(ge=1, le=100)] = 1
    owner: Name | None = Field(
        None, description="Who is told: the owner that lakehouse.yml names where none stands here."
    )
    schedule: str = Field("0 4 * * *", description="Cron with five fields, of batch.")
    environments: Annotated[list[str], Field(min_length=1)] | None = Field(
        None, description="Environments that run it: all of the project where none are named."
    )
    parameters: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="What SQL knows as :name."
    )
    product: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="What the names of its DAGs begin with, in brackets."
    )
    fuse: bool = Field(False, description="One Glue run executes all jobs of the pipeline in one session.")


class Config(Shared):
    """Exactly one of `tasks` and `execution_sequence`."""

    pipeline_name: Annotated[
        str, Field(min_length=1, max_length=200, description="As people read it: Traffic Data ETL Pipeline.")
    ]
    pipeline_type: Annotated[
        str,
        Field(
            pattern=r"^(streaming|batch)(_[a-z0-9]+)*$",
            description="The kind, and what more the team says of it: streaming_to_postgres, batch_sql.",
        ),
    ]
    description: str = ""
    tasks: Annotated[list[Task], Field(min_length=1)] | None = None
    execution_sequence: Annotated[list[Step], Field(min_length=1)] | None = None
    timeout_seconds: Annotated[int, Field(ge=60, le=604_800)] | None = Field(
        None,
        description="Of each job of batch, in every environment; without it 10800 or, where it is less, the "
        "environment's glue.timeout_minutes.",
    )
