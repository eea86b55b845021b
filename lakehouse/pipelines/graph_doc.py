"""The file format of a pipeline in one graph, pipeline.yml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lakehouse.pipelines.config_doc import Doc, LayerTable, Name, Shared, SqlFile, Tables

PythonFile = Annotated[
    str,
    Field(
        pattern=r"^[\w.-]+(/[\w.-]+)*\.py$",
        max_length=300,
        description="A Python file, from the pipeline's folder, with a function of each table's name.",
    ),
]
# The keys of which a job has exactly one: what it does.
WORK = ("ingest", "sql", "python", "gate", "register", "publish", "stream")


class GraphJob(Doc):
    """One job. It has one of the keys that say what it does."""

    ingest: Tables | None = Field(None, description="Bronze tables to fill from their sources.")
    sql: SqlFile | None = None
    python: PythonFile | None = None
    gate: Tables | None = Field(None, description="Tables to judge by their suites.")
    catalog: Tables | None = Field(
        None, alias="register", description="Tables to register in the Glue catalog."
    )
    publish: Tables | None = Field(None, description="Gold tables to send to `warehouse`.")
    stream: Annotated[list[LayerTable | SqlFile], Field(min_length=1)] | None = Field(
        None,
        description="Tables as the messages of their topic come, and SQL files over messages.",
    )
    reads: list[LayerTable] = Field(default_factory=list, description="Of `python`: tables that it reads.")
    writes: list[LayerTable] = Field(default_factory=list, description="Of `python`: tables that it makes.")
    warehouse: Literal["redshift", "snowflake"] | None = Field(None, description="Of `publish`: where to.")
    connection: Name | None = Field(
        None, description="Name of the secret that opens the system of an ingest or a publish."
    )
    after: list[Name] = Field(
        default_factory=list,
        description="Jobs to wait for beside those that write or judge the tables that it reads.",
    )
    description: str = ""
    schedule: str | None = Field(None, description="Cron with five fields, where it differs from the file's.")
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    timeout_minutes: Annotated[int, Field(ge=1, le=2880)] = 180
    parameters: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="What its SQL knows as :name, beside those of the file."
    )


class GraphDoc(Shared):
    """Jobs in one graph: each runs after those that write or judge the tables that it reads."""

    title: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="As people read it: Trips, from files to gold."
    )
    description: str = ""
    jobs: Annotated[dict[Name, GraphJob], Field(min_length=1)]
