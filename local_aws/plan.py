"""What a supervisor starts: the message from `LocalPlatform.start` to `python -m local_aws.supervisor`."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from lakehouse.environments.model import Environment


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
