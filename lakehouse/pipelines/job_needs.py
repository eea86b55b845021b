"""What a job needs: the type of the job decides it, job types execute it, and the stack grants it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lakehouse.contracts import Schemas
from lakehouse.contracts.contract import Contract
from lakehouse.contracts.masking import masks_on_read, masks_on_write
from lakehouse.contracts.source_document import Source
from lakehouse.environments import Environment, names, prefixes
from lakehouse.environments.control import PART
from lakehouse.environments.names import LAYERS, Zone
from lakehouse.environments.stack import MASKING_SECRET, SUBJECT_SECRET
from lakehouse.pipelines.job_keys import (
    OF_DAY,
    gate_watermark,
    ingest_watermark,
    publish_key,
    results_key,
    stream_lease,
    table_watermark,
)
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.params import ALL
from lakehouse.pipelines.source_binding import TOPIC, sourced

# The parameter of a stream that names the folder of its checkpoints; without it they lie below the job's
# name.
CHECKPOINT = "checkpoint_path"
# The parameter and the connection that name the Lakebase.
LAKEBASE = "postgres"


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
                *([_TOMBSTONES] if job.type in _TAKING else []),
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
        secrets=_secrets(job, env, contracts, bool(topics), hashes=hashes_rows(job, schemas)),
    )


_CODE = Prefix(Zone.ARTIFACTS, prefixes.CODE)
# Jobs that take rows from outside take none of a forgotten person.
_TAKING = (JobType.INGEST, JobType.STREAM)
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
    match job.type:
        case JobType.INGEST:
            keys = [(ingest_watermark(c), c.lake.source) for c in contracts]
            # The position of a landing prefix with many files is split into several items.
            parts = [f"{key}{PART}*" for key, source in keys if source and source.kind == "landing"]
            return (*(key for key, _ in keys), *parts)
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


def _secrets(
    job: Job, env: Environment, contracts: Iterable[Contract], reads_topics: bool, *, hashes: bool
) -> tuple[str, ...]:
    """Secrets that the row names, those of the systems that its tables come from, lie in or go to, the
    masking key where the job hashes personal data, and the key of forgotten persons where it takes rows.
    """
    of_system = {
        "kafka": env.kafka.secret,
        "snowflake": env.snowflake.secret,
        "redshift": env.redshift.secret,
    }
    systems: set[str] = {c.lake.source.kind for c in contracts if c.lake.source}
    systems |= {"kafka"} if reads_topics else set()
    systems |= {job.warehouse} if job.type is JobType.PUBLISH else set()
    secrets = {*job.secrets, *(of_system[s] for s in systems if s in of_system)}
    in_lakebase = any(c.lake.store == "postgres" for c in contracts)
    named = any(p.name == LAKEBASE and p.secret_name for p in job.params)
    if in_lakebase and not named and LAKEBASE in env.stack.connections:
        secrets.add(env.stack.connections[LAKEBASE].secret)
    secrets |= {SUBJECT_SECRET} if job.type in _TAKING else set()
    return tuple(sorted(secrets | ({MASKING_SECRET} if hashes else set())))


def hashes_rows(job: Job, schemas: Schemas) -> bool:
    """Whether rows that the job reads or writes are masked by a keyed hash on their way."""
    if job.type not in (JobType.TRANSFORM, JobType.SQL, JobType.STREAM):
        return False
    on_read = [masks_on_read(schemas.contracts[t]) for t in job.reads]
    on_write = [masks_on_write(schemas.contracts[t]) for t in job.writes]
    return any("hash" in rules.values() for rules in [*on_read, *on_write])
