"""What a job's row names, for tests of its role."""

from __future__ import annotations

from infra.facts import read_facts
from lakehouse.environments import load_environment, names
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.maintenance import maintained
from tests.infra.iam import Policies

ENV = load_environment("prod")
FACTS = read_facts("prod")
JOBS = {job.name: job for job in FACTS.jobs}


# Of the lake, each below a prefix of its own; EVERY has those of the Lakebase too.
TABLES, EVERY = tuple(FACTS.schemas.on_lake), tuple(FACTS.schemas.contracts)
KEEPER = "maintain_tables"
ARN = f"{ENV.region}:{ENV.account}"


def file_of(table: str, name: str = "_delta_log/00000000000000000001.json") -> str:
    return f"arn:aws:s3:::{names.table_uri(ENV, table).removeprefix('s3://')}/{name}"


def bucket_of(zone: str) -> str:
    return f"arn:aws:s3:::{names.bucket(ENV, Zone(zone))}"


def written(row: Job) -> set[str]:
    return {t for t in (*row.writes, *maintained(row, FACTS.schemas)) if t in TABLES}


def touched(row: Job) -> set[str]:
    """The tables of the row, and those that the rules of a gate compare them with."""
    suites = FACTS.schemas.suites
    rules = [e for t in row.reads if row.type is JobType.GATE and t in suites for e in suites[t].expectations]
    compared = {str(e.kwargs["table"]) for e in rules if "table" in e.kwargs}
    return {*written(row), *compared, *(t for t in row.reads if t in TABLES)}


def sees(may: Policies, table: str) -> bool:
    layer, name = table.split(".")
    return may.allow("s3:ListBucket", bucket_of(layer), s3__prefix=f"{name}/_delta_log/")
