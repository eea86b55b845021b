"""Which S3 prefixes, control items, secrets and topics one job touches: from its row, its contracts and the kind of its work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infra.facts import Facts
from lakehouse.contracts import Contract
from lakehouse.environments import names
from lakehouse.environments.names import LAYERS, Zone
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.params import ALL
from lakehouse.pipelines.source_binding import TOPIC, sourced

# Where the job itself names no path, its streams keep how far they are below its name.
CHECKPOINT = "checkpoint_path"
LAKEBASE = "postgres"


@dataclass(frozen=True)
class Prefix:
    """Everything below `path` of a zone's bucket, and nothing beside it: `orders`, never `orders_old`. Without a path the whole zone."""

    zone: Zone
    path: str


@dataclass(frozen=True)
class Touched:
    """`watermarks` and `leases` are keys of the control tables, `*` for any ending; `databases` are layers, `secrets` short names."""

    reads: tuple[Prefix, ...]
    writes: tuple[Prefix, ...]
    watermarks: tuple[str, ...]
    leases: tuple[str, ...]
    registers: tuple[str, ...]
    databases: tuple[str, ...]
    topics: tuple[str, ...]
    secrets: tuple[str, ...]


def touched(facts: Facts, job: Job) -> Touched:
    contracts = [sourced(job, facts.schemas.contracts[t]) for t in job.writes]
    sources = [c.lake.source for c in contracts if c.lake.source]
    topics = dict.fromkeys([*(s.object for s in sources if s.kind == "kafka"), *_stated(job, TOPIC)])
    landing = [Prefix(Zone.LANDING, s.object.rstrip("/")) for s in sources if s.kind == "landing"]
    published = [f"{job.warehouse}.{t}" for t in job.reads] if job.type is JobType.PUBLISH else []
    # A stream's position is its checkpoint.
    marks = [
        c.lake.watermark_state_key or c.table
        for c in contracts
        if c.lake.source and job.type is not JobType.STREAM
    ]
    kinds = {s.kind for s in sources} | ({"kafka"} if topics else set())
    streamed = [f"stream.{job.name}"] if job.type is JobType.STREAM else []
    return Touched(
        reads=_unique([*_tables(facts, job.reads), *_referred(facts, job), *landing, Prefix(Zone.ARTIFACTS, "code")]),
        writes=_unique([
            *_tables(facts, job.writes), *map(_lane, job.writes), *_own(job), *_results(job), *_checkpoints(job), *_kept(job),
        ]),
        watermarks=(*marks, *published, f"{job.name}.*"),
        leases=(*job.writes, *published, *streamed, *_gate_leases(job), *_kept_leases(job)),
        registers=tuple(t for t in job.reads if t in facts.schemas.on_lake) if job.type is JobType.REGISTER else (),
        databases=job.databases,
        topics=tuple(topics),
        secrets=_secrets(facts, job, kinds, contracts),
    )  # fmt: skip


def _unique(prefixes: Iterable[Prefix]) -> tuple[Prefix, ...]:
    return tuple(sorted(set(prefixes), key=lambda p: (p.zone, p.path)))


def _tables(facts: Facts, tables: Iterable[str]) -> list[Prefix]:
    """Those of the Lakebase are not in a bucket."""
    lake = facts.schemas.on_lake
    return [_table(table) for table in tables if table in lake]


def _table(table: str) -> Prefix:
    layer, name = table.split(".")
    return Prefix(Zone(layer), name)


def _lane(table: str) -> Prefix:
    return Prefix(Zone.QUARANTINE, f"_errors/{table.replace('.', '/')}")


def _own(job: Job) -> list[Prefix]:
    """What every job has for itself: staged files, lineage, event logs of Spark."""
    return [
        Prefix(Zone.CHECKPOINTS, f"staging/{job.name}"),
        Prefix(Zone.ARTIFACTS, f"lineage/job={job.name}"),
        Prefix(Zone.ARTIFACTS, f"spark_ui/{job.name}"),
    ]


def _results(job: Job) -> list[Prefix]:
    """A gate writes its results below the layer that it judges."""
    layers = {t.split(".")[0] for t in job.reads} if job.type is JobType.GATE else set()
    return [Prefix(Zone.ARTIFACTS, f"dq_results/{layer}") for layer in layers]


def _referred(facts: Facts, job: Job) -> list[Prefix]:
    """A gate reads the tables that its rules compare with, too."""
    suites = (
        [facts.schemas.suites[t] for t in job.reads if t in facts.schemas.suites]
        if job.type is JobType.GATE
        else []
    )
    return _tables(
        facts, [str(e.kwargs["table"]) for suite in suites for e in suite.expectations if "table" in e.kwargs]
    )


def _checkpoints(job: Job) -> list[Prefix]:
    """One folder for all streams of a job, each of which has a folder of its own in it."""
    stated = next(iter(_stated(job, CHECKPOINT)), "")
    return (
        [Prefix(Zone.CHECKPOINTS, names.checkpoint(job.name, "", stated).rstrip("/"))]
        if job.type is JobType.STREAM
        else []
    )


def _kept(job: Job) -> list[Prefix]:
    """What it maintains; all tables are the zones themselves, which hold nothing else, and no policy could name each."""
    return (
        [Prefix(Zone(layer), "") for layer in LAYERS]
        if job.maintains == (ALL,)
        else [_table(t) for t in job.maintains]
    )


def _gate_leases(job: Job) -> list[str]:
    """A gate's own batch, and the table of results of each layer that it judges."""
    if job.type is not JobType.GATE:
        return []
    layers = sorted({t.split(".")[0] for t in job.reads})
    return [f"{job.name}.results", *map(names.dq_results_lease, layers)]


def _kept_leases(job: Job) -> tuple[str, ...]:
    return tuple(f"{layer}.*" for layer in LAYERS) if job.maintains == (ALL,) else job.maintains


def _secrets(facts: Facts, job: Job, kinds: set[str], contracts: list[Contract]) -> tuple[str, ...]:
    """Those that its row names, and those of the systems that its tables come from or lie in."""
    env = facts.env
    of = {"kafka": env.kafka.secret, "snowflake": env.snowflake.secret, "redshift": env.redshift.secret}
    found = {*job.secrets, *(of[kind] for kind in kinds if kind in of)}
    in_lakebase = any(c.lake.store == "postgres" for c in contracts)
    if (
        in_lakebase
        and not any(p.name == LAKEBASE and p.secret_name for p in job.params)
        and LAKEBASE in env.stack.connections
    ):
        found.add(env.stack.connections[LAKEBASE].secret)
    return tuple(sorted(found))


def _stated(job: Job, name: str) -> list[str]:
    return [p.value for p in job.params if p.name == name]


def bucket_arn(facts: Facts, zone: Zone) -> str:
    return f"arn:aws:s3:::{names.bucket(facts.env, zone)}"
