"""The facts of the jobs as the stack wrote them: one small JSON document, read once per process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.common import aws

# Who is told of a job that the document does not know, and of what is nobody's job.
PLATFORM = "platform"


@dataclass(frozen=True)
class Job:
    """`name` is the job's row, `glue_name` what AWS calls it. Empty `slack`: its people are told by e-mail. `sla_minutes` 0: it never ends."""

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

    @property
    def continuous(self) -> bool:
        return self.schedule == "continuous"

    @property
    def to(self) -> str:
        """The address by which the topic's subscriptions tell whose message it is."""
        return self.email or PLATFORM


@dataclass(frozen=True)
class Watched:
    """`fresh`: table → how many days the logical date of its last write may lie back."""

    jobs: Mapping[str, Job]
    fresh: Mapping[str, int] = field(default_factory=dict)

    def job_of(self, glue_name: str) -> Job:
        """The job of that Glue name; one that is not in the document has no retries and belongs to the platform."""
        found = next((job for job in self.jobs.values() if job.glue_name == glue_name), None)
        return found or Job(glue_name, glue_name, "unknown", PLATFORM, "", 0, 0)


def parse_watched(text: str | bytes) -> Watched:
    document = json.loads(text)
    return Watched({row["name"]: _job(row) for row in document["jobs"]}, document["fresh"])


def _job(row: Mapping[str, Any]) -> Job:
    return Job(**{**row, "depends_on": tuple(row["depends_on"]), "writes": tuple(row["writes"])})


_read: dict[tuple[str, str], tuple[str, Watched]] = {}


def load_watched(bucket: str, key: str) -> Watched:
    """What the stack last wrote; asked for again only when it has changed."""
    from botocore.exceptions import ClientError

    etag, known = _read.get((bucket, key), ("", None))
    try:
        s3 = aws.s3()
        answer = (
            s3.get_object(Bucket=bucket, Key=key, IfNoneMatch=etag)
            if known
            else s3.get_object(Bucket=bucket, Key=key)
        )
    except ClientError as error:
        if known is not None and error.response["ResponseMetadata"]["HTTPStatusCode"] == 304:
            return known
        raise
    found = parse_watched(answer["Body"].read())
    _read[bucket, key] = (answer["ETag"], found)
    return found


def forget() -> None:
    """For tests, whose AWS is another one each time."""
    _read.clear()
