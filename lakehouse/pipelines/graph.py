"""What the jobs of all pipelines say of one another: order, cycles, who writes and reads which table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from lakehouse.pipelines.job_fault import note_job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector


def ordered(jobs: list[Job]) -> list[Job]:
    """Jobs after what they depend on; otherwise as their file has them, as those that wait for one another
    are.
    """
    by_name = {j.name: j for j in jobs}
    try:
        return [by_name[n] for n in TopologicalSorter(_edges(by_name)).static_order()]
    except CycleError:
        return jobs


def _edges(by_name: dict[str, Job]) -> dict[str, list[str]]:
    return {name: [d for d in job.depends_on if d in by_name] for name, job in by_name.items()}


def cycles(by_name: dict[str, Job]) -> list[list[str]]:
    """Circles of jobs that wait for one another, each in the order in which they would have to run; no two
    share a wait.
    """
    edges = _edges(by_name)
    circles: list[list[str]] = []
    while True:
        try:
            TopologicalSorter(edges).prepare()
            return circles
        except CycleError as e:
            circle: list[str] = e.args[1]
            circles.append(circle)
            for first, then in pairwise(circle):
                edges[then] = [d for d in edges[then] if d != first]


def linked(jobs: Sequence[Job]) -> dict[str, Job]:
    """The jobs by name. Each also depends on those of other pipelines that write its inputs, and on the gates
    that judge them.
    """
    writer = {table: job for job in jobs for table in job.writes}
    links: dict[str, Job] = {}
    for job in jobs:
        writers = [writer[t].name for t in job.reads if t in writer and writer[t].pipeline != job.pipeline]
        links[job.name] = replace(job, depends_on=tuple(dict.fromkeys([*job.depends_on, *writers])))
    return after_gates(links)


def after_gates(by_name: dict[str, Job], *, repeated: bool = False) -> dict[str, Job]:
    """The jobs by name, each after the gates that judge what it reads: a gate that fails stops it.

    A gate waits for no other gate, and a stream, which never ends, for none. A gate that itself waits for a
    job, because it also judges what that job makes, comes after the job. With `repeated` those gates are
    named too that have ended before another wait ends.
    """
    links = dict(by_name)
    for job in [j for j in by_name.values() if j.type is not JobType.GATE and not j.continuous]:
        gates = [g for g in links.values() if g.type is JobType.GATE and {*job.reads} & {*g.reads}]
        waits = set() if repeated else ancestors(links[job.name], links)
        before = [g.name for g in gates if g.name not in waits and job.name not in ancestors(g, links)]
        links[job.name] = replace(job, depends_on=tuple(dict.fromkeys([*job.depends_on, *before])))
    return links


def check_cycles(by_name: dict[str, Job], faults: Collector) -> None:
    """Notes (LK311) jobs that wait for one another by the tables that they read."""
    for cycle in cycles(by_name):
        text = f"jobs wait for one another, by the tables they read: {' → '.join(cycle)}"
        for name in dict.fromkeys(cycle):
            note_job(faults, "LK311", by_name[name], text, "an order without a cycle")


def ancestors(job: Job, by_name: dict[str, Job]) -> set[str]:
    """Every job that has ended before this one starts."""
    names: set[str] = set()
    stack = list(job.depends_on)
    while stack:
        name = stack.pop()
        if name not in names and name in by_name:
            names.add(name)
            stack.extend(by_name[name].depends_on)
    return names


def check_graph(jobs: list[Job], faults: Collector) -> None:
    """Notes names used twice, circles, second writers, and tables that are read unwritten or too early."""
    by_name: dict[str, Job] = {}
    for job in [j for j in jobs if j.name]:
        first = by_name.setdefault(job.name, job)
        if first.pipeline != job.pipeline:
            message = f"job_name '{job.name}' also names a job of pipeline {first.pipeline}"
            note_job(faults, "LK305", job, message, "a name of its own", job.name)
    for circle in cycles(by_name):
        message = f"jobs wait for one another: {' → '.join(circle)}"
        note_job(faults, "LK311", by_name[circle[0]], message, "an order without a cycle")
    writers: dict[str, list[Job]] = defaultdict(list)
    for job in by_name.values():
        for table in job.writes:
            writers[table].append(job)
    for table, writing in writers.items():
        for second in writing[1:]:
            note_job(
                faults,
                "LK312",
                second,
                f"job '{second.name}' writes {table}, as does '{writing[0].name}'",
                "one writer per table",
                table,
            )
    for job in by_name.values():
        _reads_written(job, by_name, writers, faults)


def _reads_written(
    job: Job, by_name: dict[str, Job], writers: dict[str, list[Job]], faults: Collector
) -> None:
    before = ancestors(job, by_name)
    for table in job.reads:
        if table in job.writes:
            continue
        if table not in writers:
            note_job(
                faults,
                "LK313",
                job,
                f"job '{job.name}' reads {table}, which no job writes",
                "a table that a job writes",
                table,
                list(writers),
            )
        elif not any(w.name in before or w.pipeline != job.pipeline for w in writers[table]):
            note_job(
                faults,
                "LK314",
                job,
                f"job '{job.name}' reads {table} without waiting for '{writers[table][0].name}'",
                "a dependency on its writer",
                table,
            )
