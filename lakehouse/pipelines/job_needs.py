"""What a job needs: the type of the job decides it, job types execute it, and the stack grants it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lakehouse.contracts import Schemas
from lakehouse.contracts.contract import Contract
from lakehouse.contracts.source_document import Source
from lakehouse.environments import Environment, names, prefixes
from lakehouse.environments.control import PART
from lakehouse.environments.names import LAYERS, Zone
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
from lakehouse.pipelines.job_secrets import TAKING, job_secrets
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.params import ALL
from lakehouse.pipelines.source_binding import TOPIC, sourced

# The parameter of a stream that names the folder of its checkpoints; without it they lie below the job's
# name.
CHECKPOINT = "checkpoint_path"


@dataclass(frozen=True)
class Prefix:
    """Objects below `path` of a zone's bucket: `orders` is not `orders_old`.

    Without a path, the whole zone.
    """

    zone: Zone
    path: str


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
    """Everything beyond its code that a run of the job touches."""
    contracts = [sourced(job, schemas.contracts[t]) for t in job.writes]
    sources = [c.lake.source for c in contracts if c.lake.source]
    topics = _topics(job, sources)
    return JobNeeds(
        reads=_sorted(
            [
                *_tables(schemas, [*job.reads, *_compared(job, schemas)]),
                *_landing(sources),
                *([_TOMBSTONES] if job.type in TAKING else []),
                _CODE,
            ]
        ),
        writes=_sorted([*_tables(schemas, job.writes), *_maintained(job), *_files(job)]),
        watermarks=_watermarks(job, contracts),
        reads_watermarks=tuple(gate_watermark(gate, table) for table, gate in job.gates),
        leases=_leases(job),
        registers=tuple(t for t in job.reads if t in schemas.on_lake) if job.type is JobType.REGISTER else (),
        databases=job.databases,
        topics=topics,
        secrets=job_secrets(job, env, schemas, contracts, reads_topics=bool(topics)),
    )


_CODE = Prefix(Zone.ARTIFACTS, prefixes.CODE)
_TOMBSTONES = Prefix(Zone.ARTIFACTS, prefixes.TOMBSTONES)


def _sorted(needed: Iterable[Prefix]) -> tuple[Prefix, ...]:
    return tuple(sorted(set(needed), key=lambda p: (p.zone, p.path)))


def _tables(schemas: Schemas, tables: Iterable[str]) -> list[Prefix]:
    """Tables of the lake; those of the Lakebase lie in no bucket."""
    return [_table(table) for table in tables if table in schemas.on_lake]


def _table(table: str) -> Prefix:
    layer, name = table.split(".")
    return Prefix(Zone(layer), name)


def _compared(job: Job, schemas: Schemas) -> list[str]:
    """Tables that the rules of a gate compare its own tables with."""
    if job.type is not JobType.GATE:
        return []
    suites = [schemas.suites[t] for t in job.reads if t in schemas.suites]
    return [str(e.kwargs["table"]) for suite in suites for e in suite.expectations if "table" in e.kwargs]


def _landing(sources: Iterable[Source]) -> list[Prefix]:
    return [Prefix(Zone.LANDING, s.object.rstrip("/")) for s in sources if s.kind == "landing"]


def _maintained(job: Job) -> list[Prefix]:
    """All tables are the zones themselves: these hold nothing else, and a policy could not name each."""
    if job.maintains == (ALL,):
        return [Prefix(Zone(layer), "") for layer in LAYERS]
    return [_table(t) for t in job.maintains]


def _files(job: Job) -> list[Prefix]:
    """Rejected rows, staged files, lineage, Spark's logs, results of gates and checkpoints."""
    files = [
        *(Prefix(Zone.QUARANTINE, prefixes.quarantine(t)) for t in job.writes),
        Prefix(Zone.CHECKPOINTS, prefixes.staging(job.name)),
        Prefix(Zone.ARTIFACTS, prefixes.lineage(job.name)),
        Prefix(Zone.ARTIFACTS, prefixes.spark_ui(job.name)),
    ]
    if job.type is JobType.GATE:
        files += [Prefix(Zone.ARTIFACTS, prefixes.dq_results(layer)) for layer in _layers(job)]
    if job.type is JobType.STREAM:
        # One folder for all streams of the job; each has a folder of its own in it.
        declared = next((p.value for p in job.params if p.name == CHECKPOINT), "")
        files.append(Prefix(Zone.CHECKPOINTS, prefixes.checkpoint(job.name, "", declared).rstrip("/")))
    return files


def _layers(job: Job) -> list[str]:
    return sorted({t.split(".")[0] for t in job.reads})


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
            return (results_key(job), *map(names.dq_results_lease, _layers(job)))
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
