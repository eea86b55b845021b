"""Names and addresses of storage: zones, buckets, tables, folders of runs, control tables, databases."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from lakehouse.environments import prefixes
from lakehouse.environments.model import Environment
from lakehouse.environments.names.prefix import resource_name


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
# The zones that S3 copies to the second region. Landing too, because its files exist nowhere else until the
# next ingest. The other zones are not replicated: quarantine is made again from landing and the sources,
# checkpoints from bronze's offsets, artifacts by a deployment, query results by their queries.
REPLICATED = (Zone.LANDING, Zone.BRONZE, Zone.SILVER, Zone.GOLD)


# The partition of a state of a table: the day at whose end it was known.
AS_OF_COLUMN = "as_of_date"


def bucket(env: Environment, zone: Zone) -> str:
    """S3 bucket names are global, so the account is part of them."""
    return resource_name(env, zone, env.account)


def replica_bucket(env: Environment, zone: Zone) -> str:
    """The copy of a zone in the second region."""
    return resource_name(env, zone, "replica", env.account)


def state_bucket(env: Environment) -> str:
    """The bucket of the Terraform state. `lakehouse bootstrap` creates it, not the stack."""
    return resource_name(env, "state", env.account)


def access_log_bucket(env: Environment) -> str:
    return resource_name(env, "access-logs", env.account)


def replica_log_bucket(env: Environment) -> str:
    return resource_name(env, "access-logs-replica", env.account)


def zone_uri(env: Environment, zone: Zone) -> str:
    return f"s3://{bucket(env, zone)}"


def table_uri(env: Environment, table: str) -> str:
    """`silver.orders` → where its Delta log and files live."""
    layer, name = table.split(".")
    return f"{zone_uri(env, Zone(layer))}/{name}"


def rewind_uri(env: Environment, table: str, rewind: str = "") -> str:
    """The rows that a table ever had, for one rewind of a dimension; without its id, of all rewinds.

    In the table's folder, since the jobs that write and read the table do the same here. Delta passes over
    folders whose names begin with `_`.
    """
    return f"{table_uri(env, table)}/_rewind{f'/{rewind}' if rewind else ''}"


def as_of_table(table: str) -> str:
    """The table that keeps states of a table by their day, `AS_OF_COLUMN`, until they expire."""
    return f"{table}_as_of"


def replica_table_uri(env: Environment, table: str) -> str:
    """Where the second region has the copy of a table."""
    layer, name = table.split(".")
    return f"s3://{replica_bucket(env, Zone(layer))}/{name}"


def database(env: Environment, layer: str) -> str:
    """Glue catalog database of a layer. Athena wants no hyphens."""
    return f"{env.project}_{env.name}_{layer}"


def quarantine_root(env: Environment, table: str) -> str:
    """The folder of all rejected rows of one table."""
    return f"{zone_uri(env, Zone.QUARANTINE)}/{prefixes.quarantine(table)}"


def quarantine_uri(env: Environment, table: str, run_date: date, run_id: str) -> str:
    """The folder of one run's rejected rows of one table."""
    return f"{quarantine_root(env, table)}/dt={run_date.isoformat()}/run_id={run_id}"


def quarantined_files_uri(env: Environment, table: str, run_date: date, run_id: str) -> str:
    """The folder of one run's landing files of one table that cannot be read."""
    folder = f"dt={run_date.isoformat()}/run_id={run_id}"
    return f"{zone_uri(env, Zone.QUARANTINE)}/{prefixes.quarantined_files(table)}/{folder}"


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


def spark_logs_uri(env: Environment, job: str) -> str:
    """Event logs of one job, for the Spark UI."""
    return f"{zone_uri(env, Zone.ARTIFACTS)}/{prefixes.spark_ui(job)}/"


def control_table(env: Environment, control: Control) -> str:
    return resource_name(env, control)


def lakebase(env: Environment) -> str:
    """Aurora PostgreSQL cluster."""
    return resource_name(env, "lakebase")


def lakebase_schema(layer: str) -> str:
    """The schema of the Lakebase that holds the tables of a layer: gold_db."""
    return f"{layer}_db"


def backup_vault(env: Environment) -> str:
    """In both regions."""
    return resource_name(env)


def lakebase_key(env: Environment) -> str:
    """The alias of the key that encrypts silver, gold and the Lakebase."""
    return f"alias/{resource_name(env, 'curated')}"


def recovery_key(env: Environment) -> str:
    """The alias of the key that encrypts the second region."""
    return f"alias/{resource_name(env, 'recovery')}"
