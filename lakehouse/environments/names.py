"""Every physical name of the platform, made in one place from the environment and the fact it belongs to."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from lakehouse.environments import prefixes
from lakehouse.environments.model import Environment


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


# The zones that hold tables, in the order in which rows go through them.
LAYERS = ("bronze", "silver", "gold")


def _own(env: Environment, *parts: str) -> str:
    """What every name in an account begins with, so that two environments of one account would not meet."""
    return "-".join((env.project, env.name, *parts))


def bucket(env: Environment, zone: Zone) -> str:
    """S3 bucket names are global, so the account is part of them."""
    return _own(env, zone, env.account)


def replica_bucket(env: Environment, zone: Zone) -> str:
    """The copy of a zone in the second region."""
    return _own(env, zone, "replica", env.account)


def state_bucket(env: Environment) -> str:
    """Where Terraform keeps what it knows. `lakehouse bootstrap` makes it, not the stack."""
    return _own(env, "state", env.account)


def access_log_bucket(env: Environment) -> str:
    return _own(env, "access-logs", env.account)


def replica_log_bucket(env: Environment) -> str:
    return _own(env, "access-logs-replica", env.account)


def tags(env: Environment) -> dict[str, str]:
    """On everything that takes tags, so that each cost has an environment and an owner."""
    return {
        "project": env.project,
        "environment": env.name,
        "owner": env.stack.owner,
        "cost_centre": env.stack.cost_centre,
    }


def zone_uri(env: Environment, zone: Zone) -> str:
    return f"s3://{bucket(env, zone)}"


def table_uri(env: Environment, table: str) -> str:
    """`silver.orders` → where its Delta log and files live."""
    layer, name = table.split(".")
    return f"{zone_uri(env, Zone(layer))}/{name}"


def replica_table_uri(env: Environment, table: str) -> str:
    """Where the second region has the copy of a table."""
    layer, name = table.split(".")
    return f"s3://{replica_bucket(env, Zone(layer))}/{name}"


def database(env: Environment, layer: str) -> str:
    """Glue catalog database of a layer. Athena wants no hyphens."""
    return f"{env.project}_{env.name}_{layer}"


def quarantine_uri(env: Environment, table: str, run_date: date, run_id: str) -> str:
    """The folder of one run's rejected rows of one table."""
    folder = f"dt={run_date.isoformat()}/run_id={run_id}"
    return f"{zone_uri(env, Zone.QUARANTINE)}/{prefixes.quarantine(table)}/{folder}"


def dq_results_root(env: Environment) -> str:
    return f"{zone_uri(env, Zone.ARTIFACTS)}/{prefixes.DQ_RESULTS}"


def dq_results_lease(layer: str) -> str:
    """The lease of the table that holds the quality results of a layer."""
    return f"dq_results.{layer}"


def lineage_root(env: Environment) -> str:
    return f"{zone_uri(env, Zone.ARTIFACTS)}/{prefixes.LINEAGE}"


def staging_uri(env: Environment, job: str, run_id: str) -> str:
    """Where a source or sink may put files that live no longer than the run."""
    return f"{zone_uri(env, Zone.CHECKPOINTS)}/{prefixes.staging(job)}/run_id={run_id}"


def lakebase_schema(layer: str) -> str:
    """The schema of the Lakebase that holds the tables of a layer: gold_db."""
    return f"{layer}_db"


def control_table(env: Environment, control: Control) -> str:
    return _own(env, control)


def secret(env: Environment, name: str) -> str:
    """Secrets Manager name: `<project>/<env>/<name>`."""
    return f"{env.project}/{env.name}/{name}"


def glue_job(env: Environment, job: str) -> str:
    return _own(env, job)


def alert_topic(env: Environment) -> str:
    return _own(env, "alerts")


def owner_topic(env: Environment) -> str:
    """What the owner of one job is told; each subscription takes only its own.

    The alert topic is for all the rest.
    """
    return _own(env, "owners")


def notified_table(env: Environment) -> str:
    """DynamoDB table in which the functions note the messages that they have sent, so that none is sent
    twice.
    """
    return _own(env, "told")


def queue(env: Environment, name: str) -> str:
    """SQS queue."""
    return _own(env, name)


def job_catalog_key() -> str:
    """Key of the job catalog for the functions, in the bucket of artifacts."""
    return "functions/watched.json"


def alarm(env: Environment, name: str) -> str:
    """CloudWatch alarm."""
    return _own(env, name)


def budget(env: Environment) -> str:
    return _own(env)


def metrics_namespace(env: Environment) -> str:
    return f"{env.project}/{env.name}"


def job_role(env: Environment, job: str) -> str:
    """The role that one Glue job runs as. IAM wants at most 64 characters."""
    return _own(env, "job", job)


def jobs_policy(env: Environment) -> str:
    """What every Glue job may alike."""
    return _own(env, "jobs")


def person_role(env: Environment, role: str) -> str:
    """The role that people of a group take on: analyst, data_engineer, steward, ml, viewers, operators."""
    return _own(env, role)


def service_role(env: Environment, service: str) -> str:
    """The role of a part of the platform itself: mwaa, sla_notifier, replication, …"""
    return _own(env, "svc", service)


def function(env: Environment, name: str) -> str:
    """Lambda function."""
    return _own(env, name)


def connection(env: Environment, name: str) -> str:
    """Glue connection."""
    return _own(env, name)


def registry(env: Environment) -> str:
    """Glue Schema Registry of the messages that are read."""
    return _own(env, "messages")


def security_configuration(env: Environment) -> str:
    """Of the Glue jobs."""
    return _own(env)


def spark_logs_uri(env: Environment, job: str) -> str:
    """Event logs of one job, for the Spark UI."""
    return f"{zone_uri(env, Zone.ARTIFACTS)}/{prefixes.spark_ui(job)}/"


def airflow(env: Environment) -> str:
    """MWAA environment."""
    return _own(env)


def workgroup(env: Environment) -> str:
    """Athena workgroup."""
    return _own(env)


def role_workgroup(env: Environment, role: str) -> str:
    """Athena workgroup of the people of a role: what one role may see, its results hold."""
    return _own(env, role)


def role_results(role: str) -> str:
    """Where below the zone of Athena the results of a role's queries are."""
    return f"people/{role}/"


def lakebase(env: Environment) -> str:
    """Aurora PostgreSQL cluster."""
    return _own(env, "lakebase")


def log_group(env: Environment, name: str) -> str:
    return f"/{env.project}/{env.name}/{name}"


def dashboard(env: Environment) -> str:
    return _own(env)


def group(env: Environment, name: str) -> str:
    """Security group, and the Name tag of what else a VPC holds."""
    return _own(env, name)


def stream(env: Environment) -> str:
    """MSK Serverless cluster."""
    return _own(env)


def backup_vault(env: Environment) -> str:
    """In both regions."""
    return _own(env)
