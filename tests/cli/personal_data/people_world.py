"""People who go from landing and a topic through every layer to the warehouses and the Lakebase."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession

from cli.personal_data.erasure import Erasure
from cli.personal_data.subject import Subject
from cli.personal_data.subject_tables import subject_tables
from glue_jobs.aws import clients
from glue_jobs.runner import RunRequest, run_job
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.params import Param
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import RUN_DATE, job, schemas
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import proc

FILE = "tests/cli/personal_data/people_functions.py"
TOPIC = "canary_events"
TEXT: dict[str, Any] = {"type": ["string", "null"], "maxLength": 100}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}


def _personal(pii: str, mask: str, origin: str = "") -> dict[str, Any]:
    masked = "masked" if origin and mask == "hash" else pii
    lake = {"tags": {"pii": masked}, **({"derived_from": [origin]} if origin else {})}
    return {**TEXT, "x-lake": lake if masked == "masked" else {**lake, "mask": mask}}


def _people(parent: str = "") -> dict[str, Any]:
    def of(pii: str, mask: str, name: str) -> dict[str, Any]:
        return _personal(pii, mask, f"{parent}.{name}" if parent else "")

    return {
        "customer_id": {"type": "string"},
        "name": of("name", "clear", "name"),
        "email": of("email", "hash", "email"),
        "birth": of("protected", "clear", "birth"),
        "note": TEXT,
        "changed_at": TIME,
    }


EVENT: dict[str, Any] = {"customer_id": {"type": "string"}, "note": TEXT, "changed_at": TIME}
LANDED = {"kind": "landing", "object": "canary_people", "format": "csv", "system": "crm"}
SENT = {"kind": "kafka", "object": TOPIC, "format": "json_lines", "system": "feed"}
KEYS: dict[str, Any] = {"primary_key": ["customer_id"]}
BRONZE = contract("bronze.canary_people", _people(), write="append", source=LANDED, **KEYS)
SILVER = contract("silver.canary_people", _people(BRONZE.table), incremental_from=[BRONZE.table], **KEYS)
GOLD = contract("gold.canary_customers", _people(SILVER.table), incremental_from=[SILVER.table], **KEYS)
EVENTS = contract("bronze.canary_events", EVENT, write="append", source=SENT, **KEYS)
SERVED = contract("gold.canary_served", EVENT, store="postgres", source=SENT, **KEYS)
TABLES = schemas(BRONZE, SILVER, GOLD, EVENTS, SERVED)


def _transform(of: Contract, reads: str) -> Job:
    procs = (proc("code", of.table, file=FILE),)
    return job(f"to_{of.name}", type=JobType.TRANSFORM, reads=(reads,), writes=(of.table,), procs=procs)


JOBS = [
    job("canary_ingest", type=JobType.INGEST, writes=(BRONZE.table,)),
    _transform(SILVER, BRONZE.table),
    _transform(GOLD, SILVER.table),
    job("canary_redshift", type=JobType.PUBLISH, reads=(GOLD.table,), warehouse="redshift"),
    job("canary_snowflake", type=JobType.PUBLISH, reads=(GOLD.table,), warehouse="snowflake"),
    job(
        "canary_stream",
        type=JobType.STREAM,
        kind="streaming",
        schedule="continuous",
        procs=(proc("events", EVENTS.table), proc("served", SERVED.table)),
        params=(Param("postgres", "{{ secret('postgres') }}", "string", True),),
        writes=(EVENTS.table, SERVED.table),
    ),
]


@dataclass
class People:
    """`drop` and `send` bring rows, `run` lets every job take them. `begun`: when the first may have come."""

    env: Environment
    spark: SparkSession
    # Of objects, the platform tells whole seconds.
    begun: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __post_init__(self) -> None:
        self.feed = TopicHarness(self.env, self.spark, partitions=1, name=TOPIC)

    def drop(self, file: str, *rows: dict[str, str]) -> None:
        columns = list(_people())
        lines = [",".join(columns), *(",".join(row[c] for c in columns if c in row) for row in rows)]
        body = "\n".join([*lines, ""]).encode()
        key = f"canary_people/dt={RUN_DATE}/{file}"
        data = gzip.compress(body) if file.endswith(".gz") else body
        clients(self.env).s3.put_object(Bucket=names.bucket(self.env, Zone.LANDING), Key=key, Body=data)

    def send(self, *rows: dict[str, str]) -> None:
        self.feed.send(*(json.dumps({name: row[name] for name in EVENT}) for row in rows))

    def run(self) -> None:
        for of in JOBS:
            run_job(self.env, TABLES, self.spark, RunRequest(of, RUN_DATE))

    def erasure(self, customer: str, run_id: str) -> Erasure:
        tables = subject_tables(TABLES, "customer_id")
        return Erasure(self.env, clients(self.env).s3, Subject("customer_id", customer), tables, JOBS, run_id)
