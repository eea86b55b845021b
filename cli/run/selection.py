"""Which jobs and which logical dates a `lakehouse run` is of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import typer

from cli.common import unknown
from lakehouse.pipelines import Job, Pipeline, load_pipelines
from lakehouse.pipelines.graph import check_cycles, linked, ordered
from lakehouse.pipelines.job_type import JobType
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector


def choose(pipelines: Sequence[str], job: str | None) -> list[Job]:
    """The jobs of some pipelines, or one job, each after the jobs that write the tables that it reads, and
    after the gates that judge them: also those of pipelines of gates that judge nothing else.

    Raises BadParameter unless either is named and exists, FaultsError (LK311) where pipelines wait for one
    another.
    """
    declared = load_pipelines()
    if bool(pipelines) == (job is not None):
        raise typer.BadParameter("name either --pipeline or --job")
    for name in pipelines:
        if name not in declared:
            raise unknown("pipeline", name, list(declared))
    if pipelines:
        jobs = [job for name in dict.fromkeys(pipelines) for job in declared[name].jobs]
        others = [p for p in declared.values() if p.name not in pipelines]
        return _in_order_of_tables([*jobs, *_gates_of(jobs, others)])
    by_name = {j.name: j for p in declared.values() for j in p.jobs}
    if job not in by_name:
        raise unknown("job", str(job), list(by_name))
    return [by_name[job]]


def _gates_of(jobs: list[Job], others: list[Pipeline]) -> list[Job]:
    """The gates that judge only tables of the jobs and run only where their writers do.

    They are those of pipelines that hold nothing but gates.
    """
    writers = {table: job for job in jobs for table in job.writes}
    return [
        gate
        for pipeline in others
        if all(job.type is JobType.GATE for job in pipeline.jobs)
        for gate in pipeline.jobs
        if all(t in writers and {*writers[t].environments} >= {*gate.environments} for t in gate.reads)
    ]


def _in_order_of_tables(jobs: list[Job]) -> list[Job]:
    together, faults = linked(jobs), Collector(project_root())
    check_cycles(together, faults)
    faults.raise_if_any()
    return ordered(list(together.values()))


def days(run_date: date | None, start: date | None, end: date | None) -> list[date]:
    """The logical dates of a run, the oldest first. Raises BadParameter unless one or a range is named."""
    if run_date is not None and start is None and end is None:
        return [run_date]
    if run_date is not None or start is None or end is None:
        raise typer.BadParameter("name either --run-date, or --from and --to")
    if end < start:
        raise typer.BadParameter(f"--to {end} is before --from {start}")
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
