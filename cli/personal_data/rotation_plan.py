"""What a rotation of the masking key touches: tables with hashes, and what must not run meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakehouse.contracts import Contract, Schemas
from lakehouse.contracts.hash_lineage import HashedColumn, hashed_columns
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_keys import stream_lease, table_watermark
from lakehouse.pipelines.job_secrets import hashes_rows
from lakehouse.pipelines.job_type import JobType


@dataclass(frozen=True)
class RotationPlan:
    """`columns` are masked anew. `left` hold hashes of values that no table of the lake holds any more.

    `leases`: what no run may hold meanwhile. `readers`: (watermark, input) of each table that follows a table
    of `columns` row by row: it must have read it to its end, or it would take old hashes for changes.
    """

    columns: tuple[HashedColumn, ...]
    left: tuple[HashedColumn, ...]
    leases: tuple[str, ...]
    readers: tuple[tuple[str, str], ...]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column.table for column in self.columns))


def rotation_plan(schemas: Schemas, jobs: list[Job]) -> RotationPlan:
    """The plan of an environment's project and its jobs."""
    hashed = hashed_columns(schemas.contracts)
    columns = tuple(c for c in hashed if c.origins and c.table in schemas.on_lake)
    left = tuple(c for c in hashed if c not in columns)
    tables = {c.table for c in columns}
    masking = [job for job in jobs if hashes_rows(job, schemas)]
    written = {table for job in masking for table in job.writes if table in schemas.on_lake}
    streams = [stream_lease(job) for job in masking if job.type is JobType.STREAM]
    readers = _readers(schemas.contracts, jobs, tables)
    return RotationPlan(columns, left, (*sorted(tables | written), *sorted(streams)), readers)


def _readers(
    contracts: Mapping[str, Contract], jobs: list[Job], tables: set[str]
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (table_watermark(job, table), source)
        for job in jobs
        if job.type in (JobType.TRANSFORM, JobType.SQL)
        for table in job.writes
        for source in contracts[table].lake.incremental_from
        if source in tables and source in job.reads
    )
