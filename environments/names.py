"""Every physical name of the platform, made in one place from the environment and the fact it belongs to."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from environments.model import Environment


class Zone(StrEnum):
    """One bucket per purpose."""

    LANDING = "landing"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    QUARANTINE = "quarantine"
    CHECKPOINTS = "checkpoints"
    ARTIFACTS = "artifacts"
    ATHENA = "athena"


class Control(StrEnum):
    """The DynamoDB tables that hold the platform's own state."""

    WATERMARKS = "watermarks"
    AUDIT = "audit"
    LEASES = "leases"


LAYERS = ("bronze", "silver", "gold")


def bucket(env: Environment, zone: Zone) -> str:
    """S3 bucket names are global, so the account is part of them."""
    return f"{env.project}-{env.name}-{zone}-{env.account}"


def zone_uri(env: Environment, zone: Zone) -> str:
    return f"s3://{bucket(env, zone)}"


def table_uri(env: Environment, table: str) -> str:
    """`silver.orders` → where its Delta log and files live."""
    layer, name = table.split(".")
    return f"{zone_uri(env, Zone(layer))}/{name}"


def database(env: Environment, layer: str) -> str:
    """Glue catalog database of a layer. Athena wants no hyphens."""
    return f"{env.project}_{env.name}_{layer}"


def error_lane(env: Environment, table: str, run_date: date, run_id: str) -> str:
    """The folder of one run's rejected rows of one table."""
    layer, name = table.split(".")
    return f"{zone_uri(env, Zone.QUARANTINE)}/_errors/{layer}/{name}/dt={run_date.isoformat()}/run_id={run_id}"


def dq_results_root(env: Environment) -> str:
    return f"{zone_uri(env, Zone.ARTIFACTS)}/dq_results"


def lineage_root(env: Environment) -> str:
    return f"{zone_uri(env, Zone.ARTIFACTS)}/lineage"


def staging_uri(env: Environment, job: str, run_id: str) -> str:
    """Where a source or sink may put files that live no longer than the run."""
    return f"{zone_uri(env, Zone.CHECKPOINTS)}/staging/{job}/run_id={run_id}"


def control_table(env: Environment, control: Control) -> str:
    return f"{env.project}-{env.name}-{control}"


def secret(env: Environment, name: str) -> str:
    """Secrets Manager name: `<project>/<env>/<name>`."""
    return f"{env.project}/{env.name}/{name}"


def glue_job(env: Environment, job: str) -> str:
    return f"{env.project}-{env.name}-{job}"


def alert_topic(env: Environment) -> str:
    return f"{env.project}-{env.name}-alerts"


def metrics_namespace(env: Environment) -> str:
    return f"{env.project}/{env.name}"
