"""Jobs and runs that need neither files of a project nor Spark."""

from __future__ import annotations

import logging
import uuid
from datetime import date
from typing import Any, cast

from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.observability.secrets import Secrets
from glue_jobs.run_context import RunContext
from lakehouse.contracts import Contract, Schemas, Suite
from lakehouse.environments import Environment
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Retry

RUN_DATE = date(2017, 1, 31)


class NoSpark:
    """Stands for the session of a run that reads and writes no table."""

    version = "3.5.6"


def job(name: str = "a_job", **fields: Any) -> Job:
    """A batch job of the environment `local`; `fields` are those of `Job`."""
    row: dict[str, Any] = {
        "job_id": "T1",
        "name": name,
        "pipeline": "tests",
        "kind": "batch",
        "schedule": "0 1 * * *",
        "owner": "tests",
        "environments": ("local",),
        "description": "",
        "retry": Retry(0, 0),
        "failure_notification": "#x",
        "depends_on": (),
        "procs": (),
        "params": (),
        "reads": (),
        "writes": (),
        "type": JobType.MAINTAIN,
    }
    return Job(**{**row, **fields})


def schemas(*contracts: Contract, suites: dict[str, Suite] | None = None) -> Schemas:
    return Schemas({c.table: c for c in contracts}, suites or {})


def run_context(
    env: Environment, of: Job, known: Schemas, spark: SparkSession | NoSpark | None = None, **fields: Any
) -> RunContext:
    return RunContext(
        env=env,
        job=of,
        schemas=known,
        run_date=fields.pop("run_date", RUN_DATE),
        run_id=fields.pop("run_id", str(uuid.uuid4())),
        trace_id="trace",
        session=cast("SparkSession", spark or NoSpark()),
        params=fields.pop("params", {}),
        secrets=Secrets(env),
        aws=clients(env),
        log=logging.getLogger("tests.run"),
        **fields,
    )
