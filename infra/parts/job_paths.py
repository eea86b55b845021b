"""Which S3 prefixes and control items one job touches: from its row, its contracts and the kind of its work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from environments import names
from environments.names import Zone
from infra.facts import Facts
from infra.parts.job_work import Work, work_of
from pipelines import Job
from pipelines.origin import sourced


@dataclass(frozen=True)
class Prefix:
    """Everything below `path` of a zone's bucket, and nothing beside it: `orders`, never `orders_old`."""

    zone: Zone
    path: str


@dataclass(frozen=True)
class Touched:
    """`watermarks` and `leases` are keys of the control tables, `*` for any ending."""

    reads: tuple[Prefix, ...]
    writes: tuple[Prefix, ...]
    watermarks: tuple[str, ...]
    leases: tuple[str, ...]
    registers: tuple[str, ...]
    topics: tuple[str, ...]


def touched(facts: Facts, job: Job) -> Touched:
    work = work_of(facts.root, job)
    contracts = [sourced(job, facts.schemas.contracts[t]) for t in job.writes]
    sources = [c.lake.source for c in contracts if c.lake.source]
    landing = [Prefix(Zone.LANDING, s.object.rstrip("/")) for s in sources if s.kind == "landing"]
    published = [f"{work.warehouse}.{t}" for t in job.reads] if work.kind == "Publish" else []
    marks = [c.lake.watermark_state_key or c.table for c in contracts if c.lake.source]
    return Touched(
        reads=_unique([*map(_table, job.reads), *_referred(facts, job, work), *landing, Prefix(Zone.ARTIFACTS, "code")]),
        writes=_unique([*map(_table, job.writes), *map(_lane, job.writes), *_own(job), *_results(job, work)]),
        watermarks=(*marks, *published, f"{job.name}.*"),
        leases=(*job.writes, *published),
        registers=job.reads if work.kind == "Register" else (),
        topics=tuple(s.object for s in sources if s.kind == "kafka"),
    )


def _unique(prefixes: Iterable[Prefix]) -> tuple[Prefix, ...]:
    return tuple(sorted(set(prefixes), key=lambda p: (p.zone, p.path)))


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


def _results(job: Job, work: Work) -> list[Prefix]:
    """A gate writes its results below the layer that it judges."""
    layers = {t.split(".")[0] for t in job.reads} if work.kind == "Gate" else set()
    return [Prefix(Zone.ARTIFACTS, f"dq_results/{layer}") for layer in layers]


def _referred(facts: Facts, job: Job, work: Work) -> list[Prefix]:
    """A gate reads the tables that its rules compare with, too."""
    suites = [facts.schemas.suites[t] for t in job.reads if t in facts.schemas.suites] if work.kind == "Gate" else []
    return [_table(str(e.kwargs["table"])) for suite in suites for e in suite.expectations if "table" in e.kwargs]


def bucket_arn(facts: Facts, zone: Zone) -> str:
    return f"arn:aws:s3:::{names.bucket(facts.env, zone)}"
