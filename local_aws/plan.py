"""What a supervisor starts: the message from `LocalPlatform.start` to `python -m local_aws.supervisor`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from lakehouse.environments.model import Environment
from lakehouse.project import Project
from local_aws import class_archive
from local_aws.jars import ensure_jars
from local_aws.snowflake import source_databases


class Plan(BaseModel):
    """`ports` are those that the caller prescribes; every other service gets a free one.

    `source_databases` are the Snowflake databases that contracts name, each with its schema.
    `cache` is kept from platform to platform.
    `java_options` are those of the programs `kafka` and `spark`, beyond their own.
    `state` is the folder that the world is filled from, and saved into at its end.
    `owner` is the id of the process that the platform ends with, unless it is `detached`.
    """

    model_config = ConfigDict(frozen=True)

    workdir: Path
    environment: Environment
    services: list[str]
    ports: dict[str, int] = {}
    source_databases: dict[str, str] = {}
    cache: Path
    spark_jars: Path
    kafka_jars: Path
    java_options: dict[str, list[str]] = {}
    owner: int
    detached: bool = False
    empty_account: bool = False
    state: Path | None = None
    idle_seconds: float


def programs(java_options: Mapping[str, list[str]] | None) -> dict[str, Any]:
    """What a plan says of the project's databases and of the programs that this machine starts."""
    project, jars = Project.find(), ensure_jars()
    return {
        "source_databases": source_databases(project.root),
        "cache": project.cache,
        "spark_jars": jars.spark,
        "kafka_jars": jars.kafka,
        "java_options": dict(class_archive.options(jars) if java_options is None else java_options),
    }
