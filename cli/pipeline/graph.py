"""A pipeline's jobs as a graph: their order, and the jobs of other pipelines that write their inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lakehouse.pipelines import Job, Pipeline
from lakehouse.pipelines.graph import ancestors
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.source_binding import TOPIC

Role = Literal["job", "gate", "stream", "outside"]


@dataclass(frozen=True)
class Stream:
    """One stream of a streaming job: from a topic or from tables into tables."""

    task: str
    source: tuple[str, ...]
    writes: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """A job. `level` counts from 1; a job outside has the level before its first reader's, and writes only
    what is read here.
    """

    name: str
    role: Role
    type: str
    pipeline: str
    level: int
    schedule: str
    description: str
    after: tuple[str, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    streams: tuple[Stream, ...] = ()


@dataclass(frozen=True)
class Graph:
    """`edges` are (earlier, later), without those that follow from others."""

    name: str
    kind: str
    title: str
    description: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]

    @property
    def inside(self) -> list[Node]:
        return [n for n in self.nodes if n.role != "outside"]

    @property
    def outside(self) -> list[Node]:
        return [n for n in self.nodes if n.role == "outside"]

    def levels(self) -> list[list[Node]]:
        """Wave after wave, those that may run side by side; from level 0 where something lies outside."""
        levels = sorted({n.level for n in self.nodes})
        return [[n for n in self.nodes if n.level == level] for level in levels]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def graph_of(pipeline: Pipeline, pipelines: Iterable[Pipeline]) -> Graph:
    """Of a sound pipeline."""
    level = {job.name: i for i, wave in enumerate(pipeline.levels(), 1) for job in wave}
    inside = [_node(job, level[job.name]) for job in sorted(pipeline.jobs, key=lambda j: level[j.name])]
    others = [job for p in pipelines if p.name != pipeline.name for job in p.jobs]
    outside = [node for job in others if (node := _outside(job, pipeline.jobs, level))]
    by_name = {j.name: j for j in pipeline.jobs}
    edges = [(d, j.name) for j in pipeline.jobs for d in _nearest(j, by_name)]
    edges += [(n.name, j.name) for n in outside for j in pipeline.jobs if set(n.writes) & set(j.reads)]
    return Graph(
        pipeline.name, pipeline.kind, pipeline.title, pipeline.description, (*outside, *inside), tuple(edges)
    )


def _node(job: Job, level: int) -> Node:
    role: Role = "stream" if job.kind == "streaming" else "gate" if job.type is JobType.GATE else "job"
    streams = _streams(job) if role == "stream" else ()
    return Node(
        job.name,
        role,
        job.type,
        job.pipeline,
        level,
        job.schedule,
        job.description,
        job.depends_on,
        job.reads,
        job.writes,
        streams,
    )


def _streams(job: Job) -> tuple[Stream, ...]:
    topics = tuple(p.value for p in job.params if p.name == TOPIC)
    # A .py says its tables by the job's parameters.
    return tuple(
        Stream(p.name, p.reads or topics, p.writes or (job.writes if len(job.procs) == 1 else ()))
        for p in job.procs
    )


def _outside(job: Job, readers: Iterable[Job], level: Mapping[str, int]) -> Node | None:
    read = tuple(t for t in job.writes if any(t in r.reads for r in readers))
    if not read:
        return None
    first = min(level[r.name] for r in readers if set(read) & set(r.reads))
    return Node(job.name, "outside", "", job.pipeline, first - 1, job.schedule, job.description, (), (), read)


def _nearest(job: Job, by_name: Mapping[str, Job]) -> list[str]:
    """The jobs that a job waits for, without those that these wait for themselves."""
    before = [d for d in job.depends_on if d in by_name]
    behind = {a for d in before for a in ancestors(by_name[d], dict(by_name))}
    return [d for d in before if d not in behind]
