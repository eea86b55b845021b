"""The objects of S3 that a job needs, as prefixes of the zones' buckets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lakehouse.contracts import Schemas
from lakehouse.contracts.source_document import Source
from lakehouse.environments import prefixes
from lakehouse.environments.names import LAYERS, Zone
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.params import ALL

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


CODE = Prefix(Zone.ARTIFACTS, prefixes.CODE)
TOMBSTONES = Prefix(Zone.ARTIFACTS, prefixes.TOMBSTONES)


def sorted_prefixes(needed: Iterable[Prefix]) -> tuple[Prefix, ...]:
    return tuple(sorted(set(needed), key=lambda p: (p.zone, p.path)))


def table_prefixes(schemas: Schemas, tables: Iterable[str]) -> list[Prefix]:
    """Tables of the lake; those of the Lakebase lie in no bucket."""
    return [_table(table) for table in tables if table in schemas.on_lake]


def _table(table: str) -> Prefix:
    layer, name = table.split(".")
    return Prefix(Zone(layer), name)


def compared_tables(job: Job, schemas: Schemas) -> list[str]:
    """Tables that the rules of a gate compare its own tables with."""
    if job.type is not JobType.GATE:
        return []
    suites = [schemas.suites[t] for t in job.reads if t in schemas.suites]
    return [str(e.kwargs["table"]) for suite in suites for e in suite.expectations if "table" in e.kwargs]


def landing_prefixes(sources: Iterable[Source]) -> list[Prefix]:
    return [Prefix(Zone.LANDING, s.object.rstrip("/")) for s in sources if s.kind == "landing"]


def maintained_prefixes(job: Job) -> list[Prefix]:
    """All tables are the zones themselves: these hold nothing else, and a policy could not name each."""
    if job.maintains == (ALL,):
        return [Prefix(Zone(layer), "") for layer in LAYERS]
    return [_table(t) for t in job.maintains]


def file_prefixes(job: Job) -> list[Prefix]:
    """Rejected rows, staged files, lineage, Spark's logs, results of gates and checkpoints."""
    files = [
        *(Prefix(Zone.QUARANTINE, prefixes.quarantine(t)) for t in job.writes),
        Prefix(Zone.CHECKPOINTS, prefixes.staging(job.name)),
        Prefix(Zone.ARTIFACTS, prefixes.lineage(job.name)),
        Prefix(Zone.ARTIFACTS, prefixes.spark_ui(job.name)),
    ]
    if job.type is JobType.GATE:
        files += [Prefix(Zone.ARTIFACTS, prefixes.dq_results(layer)) for layer in layers_read(job)]
    if job.type is JobType.STREAM:
        # One folder for all streams of the job; each has a folder of its own in it.
        declared = next((p.value for p in job.params if p.name == CHECKPOINT), "")
        files.append(Prefix(Zone.CHECKPOINTS, prefixes.checkpoint(job.name, "", declared).rstrip("/")))
    return files


def layers_read(job: Job) -> list[str]:
    return sorted({t.split(".")[0] for t in job.reads})
