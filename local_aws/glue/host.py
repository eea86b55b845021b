"""Where the embedded Glue runs: its machine, its folders, and how a run reaches the embedded AWS."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from pydantic import BaseModel, ConfigDict

from local_aws.glue.capacity import Machine

_CONFIG = Config(proxies={}, retries={"mode": "standard", "total_max_attempts": 4})


class GlueFolders(BaseModel):
    """`runs`: a folder for each run. `modules`: installed Python modules, kept from platform to platform.

    `spark_jars` holds the jars beyond Spark's own; `java_options` are those of the driver's Java.
    `airflows`: the folder in which `make airflow` installs.
    """

    model_config = ConfigDict(frozen=True)

    runs: Path
    modules: Path
    airflows: Path = Path(".cache")
    spark_jars: Path
    java_home: Path
    java_options: list[str] = []


class GlueHost:
    """`minute` is the length of a minute of a run's timeout, in seconds."""

    def __init__(
        self, folders: GlueFolders, endpoint: str, machine: Machine | None = None, minute: float = 60
    ) -> None:
        self.folders = folders
        self.endpoint = endpoint
        self.machine = machine or Machine.this_one()
        self.minute = minute

    @cached_property
    def _session(self) -> boto3.Session:
        # The keys of the platform's owner: moto accepts any.
        return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")

    def client(self, service: str, region: str, keys: dict[str, str] | None = None) -> Any:
        """A client of the embedded AWS, with the owner's keys or those of `keys` (as boto3 names them)."""
        return self._session.client(
            service,  # type: ignore[call-overload]
            region_name=region,
            endpoint_url=self.endpoint,
            config=_CONFIG,
            **(keys or {}),
        )
