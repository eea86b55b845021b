"""An environment of managed Airflow as its record states it, and the variables that Airflow reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class S3File:
    """An object version in the environment's bucket."""

    key: str
    version: str | None

    @classmethod
    def of(cls, record: dict[str, Any], name: str) -> S3File | None:
        key = record.get(f"{name}S3Path")
        return cls(key, record.get(f"{name}S3ObjectVersion") or None) if key else None


@dataclass(frozen=True)
class Settings:
    """What decides how an environment's Airflow runs. A change of it starts Airflow anew."""

    name: str
    arn: str
    region: str
    version: str
    role: str
    bucket: str
    dags: str
    requirements: S3File | None
    startup: S3File | None
    options: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, record: dict[str, Any], region: str) -> Settings:
        """Of a record as CreateEnvironment and UpdateEnvironment leave it."""
        return cls(
            name=record["Name"],
            arn=record["Arn"],
            region=region,
            version=record["AirflowVersion"],
            role=record["ExecutionRoleArn"],
            bucket=record["SourceBucketArn"].rpartition(":")[2],
            dags=record["DagS3Path"].strip("/"),
            requirements=S3File.of(record, "Requirements"),
            startup=S3File.of(record, "StartupScript"),
            options=tuple(sorted(record.get("AirflowConfigurationOptions", {}).items())),
        )

    def option_variables(self) -> dict[str, str]:
        """`core.load_examples` → AIRFLOW__CORE__LOAD_EXAMPLES, as MWAA hands options over."""
        return {f"AIRFLOW__{name.replace('.', '__').upper()}": value for name, value in self.options}
