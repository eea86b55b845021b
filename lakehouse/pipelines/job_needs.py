"""What a job needs: the type of the job decides it, job types execute it, and the stack grants it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

from lakehouse.contracts import Schemas
from lakehouse.contracts.contract import Contract
from lakehouse.contracts.source_document import Source
from lakehouse.environments import Environment, names
from lakehouse.environments.control import PART
from lakehouse.environments.names import LAYERS
from lakehouse.pipelines.job_keys import (
    OF_DAY,
    gate_watermark,
    ingest_watermark,
    publish_key,
    replay_watermark,
    results_key,
    rewind_watermark,
    stream_lease,
    table_watermark,
)
from lakehouse.pipelines.job_prefixes import (
    CODE,
    TOMBSTONES,
    Prefix,
    compared_tables,
    file_prefixes,
    landing_prefixes,
    layers_read,
    maintained_prefixes,
    sorted_prefixes,
    table_prefixes,
)
from lakehouse.pipelines.job_secrets import TAKING, job_secrets
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.params import ALL
from lakehouse.pipelines.source_binding import TOPIC, sourced


@dataclass(frozen=True)
class JobNeeds:
    """`watermarks` and `leases` are keys of the control tables, `*` for any ending.

    `reads_watermarks` are those of other jobs, which this one only reads.
    `registers` are tables of the catalog, `databases` layers, `secrets` short names.
    """

    reads: tuple[Prefix, ...]
    writes: tuple[Prefix, ...]
    watermarks: tuple[str, ...]
    reads_watermarks: tuple[str, ...]
    leases: tuple[str, ...]
    registers: tuple[str, ...]
    databases: tuple[str, ...]
    topics: tuple[str, ...]
    secrets: tuple[str, ...]


def job_needs(job: Job, schemas: Schemas, env: Environment) -> JobNeeds:
    """Everything beyond its code that a run of the job touches; of a fused job what its members touch."""
    if job.members:
        together = _together([job_needs(member, schemas, env) for member in job.members])
        return replace(together, writes=sorted_prefixes([*together.writes, *file_prefixes(job)]))
    contracts = [sourced(job, schemas.contracts[t]) for t in job.writes]
    sources = [c.lake.source for c in contracts if c.lake.source]
    topics = _topics(job, sources)
    return JobNeeds(
        reads=sorted_prefixes(
            [
                *table_prefixes(schemas, [*job.reads, *compared_tables(job, schemas)]),
                *landing_prefixes(sources),
                *([TOMBSTONES] if job.type in TAKING else []),
                CODE,
            ]
        ),
        writes=sorted_prefixes(
            [*table_prefixes(schemas, job.writes), *maintained_prefixes(job), *file_prefixes(job)]
        ),
        watermarks=_watermarks(job, contracts),
        reads_watermarks=tuple(gate_watermark(gate, table) for table, gate in job.gates),
        leases=_leases(job),
        registers=tuple(t for t in job.reads if t in schemas.on_lake) if job.type is JobType.REGISTER else (),
        databases=job.databases,
        topics=topics,
        secrets=job_secrets(job, env, schemas, contracts, reads_topics=bool(topics)),
    )


def _together(needs: Sequence[JobNeeds]) -> JobNeeds:
    """The needs of several jobs, each once."""
    return JobNeeds(
        **{
            field.name: tuple(dict.fromkeys(item for of in needs for item in getattr(of, field.name)))
            for field in fields(JobNeeds)
        }
    )


def _watermarks(job: Job, contracts: Iterable[Contract]) -> tuple[str, ...]:
    """Those of the job's type, and those of the replays and rewinds of what it writes."""
    contracts = list(contracts)
    replays = () if job.type is JobType.GATE else tuple(map(replay_watermark, job.writes))
    rewinds = (rewind_watermark(c.table) for c in contracts if c.lake.write == "scd2")
    return (*_type_watermarks(job, contracts), *replays, *rewinds)


def _type_watermarks(job: Job, contracts: Iterable[Contract]) -> tuple[str, ...]:
    match job.type:
        case JobType.INGEST:
            keys = [(ingest_watermark(c), c.lake.source) for c in contracts]
            # The position of a landing prefix with many files is split into several items.
            parts = [f"{key}{PART}*" for key, source in keys if source and source.kind == "landing"]
            # Each backfill has a watermark of its own, and parts of it.
            return (*(key for key, _ in keys), *parts, *(f"{key}{OF_DAY}*" for key, _ in keys))
        case JobType.TRANSFORM | JobType.SQL:
            tables = [table_watermark(job, c.table) for c in contracts]
            days = [
                f"{table_watermark(job, c.table)}{OF_DAY}*" for c in contracts if c.lake.write == "snapshot"
            ]
            return (*tables, *days)
        case JobType.GATE:
            return (*(table_watermark(job, t) for t in job.reads), results_key(job))
        case JobType.PUBLISH:
            return tuple(publish_key(job.warehouse, t) for t in job.reads)
        case JobType.MAINTAIN:
            return tuple(table_watermark(job, t) for t in _maintained_tables(job))
        case JobType.STREAM | JobType.REGISTER:
            # The position of a stream is its checkpoint; a register has none.
            return ()


def _leases(job: Job) -> tuple[str, ...]:
    match job.type:
        case JobType.PUBLISH:
            return tuple(publish_key(job.warehouse, t) for t in job.reads)
        case JobType.GATE:
            # Two gates of one layer append to one table of results.
            return (results_key(job), *map(names.dq_results_lease, layers_read(job)))
        case JobType.MAINTAIN:
            return _maintained_tables(job)
        case JobType.STREAM:
            return (*job.writes, stream_lease(job))
        case _:
            return job.writes


def _maintained_tables(job: Job) -> tuple[str, ...]:
    return tuple(f"{layer}.*" for layer in LAYERS) if job.maintains == (ALL,) else job.maintains


def _topics(job: Job, sources: Iterable[Source]) -> tuple[str, ...]:
    declared = [p.value for p in job.params if p.name == TOPIC]
    return tuple(dict.fromkeys([*(s.object for s in sources if s.kind == "kafka"), *declared]))
