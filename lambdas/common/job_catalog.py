"""The job catalog: facts of the jobs that the stack writes to S3 as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.common import aws

# Receives the messages about jobs that are not in the catalog.
PLATFORM = "platform"


@dataclass(frozen=True)
class Job:
    """`name` is the job's row, `glue_name` the Glue job's. `sla_minutes` is 0 for a job that never ends.

    Messages go to the channel `slack`, or where that is empty to the address `email`. `params` and
    `arguments`: what a person may give a run, each with the pattern of its value.
    """

    name: str
    glue_name: str
    pipeline: str
    owner: str
    schedule: str
    retries: int
    sla_minutes: int
    email: str = ""
    slack: str = ""
    depends_on: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def continuous(self) -> bool:
        """Whether the job never ends."""
        return self.schedule == "continuous"

    @property
    def address(self) -> str:
        """The address by which subscriptions of the owners' topic filter."""
        return self.email or PLATFORM


@dataclass(frozen=True)
class JobCatalog:
    """The jobs by name. `max_age_days`: table → allowed age of the last write's logical date in days."""

    jobs: Mapping[str, Job]
    max_age_days: Mapping[str, int] = field(default_factory=dict)

    def job_of(self, glue_name: str) -> Job:
        """The job of that Glue job; an unknown one belongs to the platform and has no retries."""
        job = next((job for job in self.jobs.values() if job.glue_name == glue_name), None)
        return job or Job(glue_name, glue_name, "unknown", PLATFORM, "", 0, 0)


def parse_job_catalog(text: str | bytes) -> JobCatalog:
    """The catalog of a document that infra/parts/alerting/job_catalog.py has made."""
    document = json.loads(text)
    return JobCatalog({row["name"]: _job(row) for row in document["jobs"]}, document["fresh"])


def _job(row: Mapping[str, Any]) -> Job:
    return Job(**{**row, "depends_on": tuple(row["depends_on"]), "writes": tuple(row["writes"])})


# (bucket, key) → (ETag, catalog)
_cache: dict[tuple[str, str], tuple[str, JobCatalog]] = {}


def load_job_catalog(bucket: str, key: str) -> JobCatalog:
    """The catalog that the stack wrote last. Downloads it again only when it has changed."""
    from botocore.exceptions import ClientError  # slows a cold start

    etag, cached = _cache.get((bucket, key), ("", None))
    condition: Any = {"IfNoneMatch": etag} if cached else {}
    try:
        response = aws.s3().get_object(Bucket=bucket, Key=key, **condition)
    except ClientError as error:
        if cached is not None and error.response["ResponseMetadata"]["HTTPStatusCode"] == 304:
            return cached
        raise
    catalog = parse_job_catalog(response["Body"].read())
    _cache[bucket, key] = (response["ETag"], catalog)
    return catalog


def forget() -> None:
    """Empties the cache; for tests, each of which has an AWS of its own."""
    _cache.clear()
