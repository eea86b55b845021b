"""Which job owns a watermark, by its key: what the position says, and which lease guards it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lakehouse.contracts.reader import Schemas
from lakehouse.pipelines.job_keys import (
    OF_DAY,
    ingest_watermark,
    publish_key,
    results_key,
    table_watermark,
)
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.maintenance import maintained
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.source_binding import sourced

Follows = Literal["snowflake", "redshift", "kafka", "landing", "tables", "gate", "publish", "maintenance"]
SOURCES = ("snowflake", "redshift", "kafka", "landing")


@dataclass(frozen=True)
class WatermarkOwner:
    """The job that moves a watermark.

    `follows`: the kind of its source, or that the job follows tables. `lease`: the resource whose lease a
    writer of the watermark holds. `day`: of a table of days, and the id of a backfill; else empty.
    """

    key: str
    job: str
    table: str
    follows: Follows
    lease: str
    day: str = ""

    @property
    def is_source(self) -> bool:
        return self.follows in SOURCES


def watermark_owners(jobs: Iterable[Job], schemas: Schemas) -> dict[str, WatermarkOwner]:
    """Key → owner of every watermark that the jobs move; those of a day or a backfill have none here."""
    return {owner.key: owner for job in jobs for owner in _of_job(job, schemas)}


def owner_of(key: str, owners: Mapping[str, WatermarkOwner]) -> WatermarkOwner | None:
    """The owner of a key, also of one of a day or a backfill; None where no job has it any more."""
    if key in owners:
        return owners[key]
    whole, marked, day = key.rpartition(OF_DAY)
    if not marked or whole not in owners:
        return None
    owner = owners[whole]
    return WatermarkOwner(key, owner.job, owner.table, owner.follows, owner.lease, day)


def _of_job(job: Job, schemas: Schemas) -> Iterator[WatermarkOwner]:
    match job.type:
        case JobType.INGEST:
            for table in job.writes:
                contract = sourced(job, schemas.contracts[table])
                if source := contract.lake.source:
                    yield WatermarkOwner(ingest_watermark(contract), job.name, table, source.kind, table)
        case JobType.TRANSFORM | JobType.SQL:
            for table in job.writes:
                yield WatermarkOwner(table_watermark(job, table), job.name, table, "tables", table)
        case JobType.GATE:
            key = results_key(job)
            yield WatermarkOwner(key, job.name, "", "gate", key)
            for table in job.reads:
                yield WatermarkOwner(table_watermark(job, table), job.name, table, "gate", key)
        case JobType.PUBLISH:
            for table in job.reads:
                key = publish_key(job.warehouse, table)
                yield WatermarkOwner(key, job.name, table, "publish", key)
        case JobType.MAINTAIN:
            for table in maintained(job, schemas):
                yield WatermarkOwner(table_watermark(job, table), job.name, table, "maintenance", table)
        case JobType.STREAM | JobType.REGISTER:
            # The position of a stream is its checkpoint; a register has none.
            return
