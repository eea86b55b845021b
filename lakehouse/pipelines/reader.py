"""Reads every pipeline of a tree: the rows, then what they say of one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from lakehouse.environments.model import Environment
from lakehouse.pipelines import cells
from lakehouse.pipelines.cells import Cells
from lakehouse.pipelines.config import read_config
from lakehouse.pipelines.detect import detect, folders
from lakehouse.pipelines.fused import check_fused
from lakehouse.pipelines.graph import check_graph, ordered
from lakehouse.pipelines.graph_file import read_graph_file
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.job_type_reader import read_type, read_warehouse
from lakehouse.pipelines.model import Job, Pipeline, Proc, Retry
from lakehouse.pipelines.param_rows import Params, check_agree, read_params, tables_of
from lakehouse.pipelines.params import Param
from lakehouse.pipelines.pipeline_settings import read_settings
from lakehouse.pipelines.proc_rows import Procs, read_procs
from lakehouse.pipelines.row_checks import check_once, check_targets, rows_by
from lakehouse.pipelines.schedule_cell import schedule
from lakehouse.project import MARKER, environment_names, project_root
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import CsvRow, read_csv
from lakehouse.reading.tree_state import State, state_of

FILES = {"job.csv": cells.JOB, "proc.csv": cells.PROC, "proc_param.csv": cells.PARAM}


def load_pipelines(root: Path | None = None) -> dict[str, Pipeline]:
    """Raises FaultsError with everything that is wrong below pipelines/.

    Files that have not changed since are not read a second time by a process.
    """
    folder = root or project_root()
    return dict(_pipelines_of(folder, state_of(folder, ("pipelines", "schemas", "environments", MARKER))))


@lru_cache(maxsize=8)
def _pipelines_of(root: Path, state: State) -> dict[str, Pipeline]:
    faults = Collector(root)
    pipelines = read_pipelines(faults)
    faults.raise_if_any()
    return pipelines


def jobs_in(env: Environment) -> list[Job]:
    """The jobs of all pipelines that run in an environment. Raises FaultsError as `load_pipelines` does."""
    return [job for pipeline in load_pipelines().values() for job in pipeline.jobs if job.runs_in(env)]


def read_pipelines(faults: Collector) -> dict[str, Pipeline]:
    """What can be read of a tree; what is wrong with it is noted in `faults`."""
    pipelines = [p for folder in folders(faults.root) if (p := read_pipeline(folder, faults))]
    jobs = [j for p in pipelines for j in p.jobs]
    check_graph(jobs, faults)
    check_fused(pipelines, faults)
    return {
        p.name: replace(p, jobs=tuple(with_gates(j, jobs) for j in ordered(list(p.jobs)))) for p in pipelines
    }


def with_gates(job: Job, jobs: Sequence[Job]) -> Job:
    """A publish with the gates that judge its tables in an environment of its own; any other job as it is."""
    if job.type is not JobType.PUBLISH:
        return job
    gates = [j for j in jobs if j.type is JobType.GATE and {*j.environments} & {*job.environments}]
    return replace(job, gates=tuple((t, g.name) for t in job.reads for g in gates if t in g.reads))


def read_pipeline(folder: Path, faults: Collector) -> Pipeline | None:
    """One folder, whichever its kind; None when that cannot be told."""
    detected = detect(folder, faults)
    if detected is None:
        return None
    kind, located = detected
    if located is None:
        return Pipeline(folder.name, tuple(_jobs(folder, faults)), fuse=read_settings(folder, faults).fuse)
    if kind == "graph":
        return read_graph_file(folder, located, faults)
    return read_config(folder, kind, located, faults)


def _jobs(folder: Path, faults: Collector) -> list[Job]:
    rows = {name: _rows(folder / name, columns, faults) for name, columns in FILES.items()}
    job_rows, proc_rows, param_rows = rows["job.csv"], rows["proc.csv"], rows["proc_param.csv"]
    ids = [r.cells.get("job_id", "") for r in job_rows]
    proc_ids = [r.cells.get("proc_id", "") for r in proc_rows]
    check_once("job_id", job_rows, faults)
    check_once("job_name", job_rows, faults)
    check_once("proc_id", proc_rows, faults)
    check_targets("job_id", proc_rows, ids, faults)
    check_targets("proc_id", param_rows, proc_ids, faults)
    check_targets("dependencies", job_rows, ids, faults)
    check_targets("dependencies", proc_rows, proc_ids, faults)
    by_proc = rows_by(param_rows, "proc_id")
    params = {proc: read_params(rows_of_proc, faults) for proc, rows_of_proc in by_proc.items()}
    job_of = {r.cells.get("proc_id", ""): r.cells.get("job_id", "") for r in proc_rows}
    of_job = {
        job: [p for proc, proc_params in params.items() if job_of.get(proc) == job for p in proc_params]
        for job in ids
    }
    procs = read_procs(proc_rows, job_rows, of_job, faults)
    check_agree(param_rows, proc_rows, params, faults)
    after = _dependencies(job_rows, procs)
    environments = environment_names(faults)
    return [_job(Cells(r, faults), folder.name, environments, after, procs, params) for r in job_rows]


def _rows(file: Path, columns: tuple[str, ...], faults: Collector) -> list[CsvRow]:
    required = tuple(c for c in columns if c != cells.DISPENSABLE)
    return read_csv(file, columns, faults, required=required, shown=columns is not cells.PARAM)


def _dependencies(job_rows: list[CsvRow], procs: Procs) -> dict[str, tuple[str, ...]]:
    """Job id → names of the jobs that it, or one of its procs, waits for."""
    names = {r.cells.get("job_id", ""): r.cells.get("job_name", "") for r in job_rows}
    owner = {p.proc_id: job for job, own_procs in procs.items() for p in own_procs}
    waits = {}
    for row in job_rows:
        job = row.cells.get("job_id", "")
        of_procs = [owner.get(d, "") for p in procs.get(job, []) for d in p.depends_on]
        ids = [*cells.items(row.cells.get("dependencies", "")), *(j for j in of_procs if j != job)]
        waits[job] = tuple(dict.fromkeys(names[j] for j in ids if names.get(j)))
    return waits


def _job(
    cell: Cells,
    pipeline: str,
    environments: Sequence[str],
    after: dict[str, tuple[str, ...]],
    procs: Procs,
    params: Params,
) -> Job:
    job_id = cell.get("job_id")
    own_procs = procs.get(job_id, [])
    if job_id and not own_procs:
        cell.note("LK306", "job_id", f"'{job_id}' has no row in proc.csv", "at least one proc", job_id)
    own_params = list(dict.fromkeys(p for proc in own_procs for p in params.get(proc.proc_id, [])))
    kind = cell.get("job_type", cells.one_of("batch", "streaming"), "batch")
    reads, writes = _tables("reads", own_procs, own_params), _tables("writes", own_procs, own_params)
    job_type = read_type(cell, kind, own_procs, reads, writes)
    return Job(
        job_id=job_id,
        name=cell.get("job_name", cells.name),
        pipeline=pipeline,
        kind=kind,
        type=job_type,
        warehouse=read_warehouse(cell, job_type, own_params),
        schedule=cell.get("schedule", schedule),
        owner=cell.get("owner", cells.name),
        environments=cell.get("environment", cells.some_of(*environments), ()),
        description=cell.get("description"),
        retry=cell.get("retry_policy", cells.retry, Retry(0, 0)),
        failure_notification=cell.get("failure_notification", cells.notification),
        depends_on=after.get(job_id, ()),
        procs=tuple(own_procs),
        params=tuple(own_params),
        reads=reads,
        writes=writes,
        maintains=tables_of("maintains", own_params),
        location=f"{cell.faults.relative(cell.row.file)}:{cell.row.line}",
    )


def _tables(name: Literal["reads", "writes"], procs: list[Proc], params: list[Param]) -> tuple[str, ...]:
    """What its parameters list and what its files name, each table once; what one proc makes, the next may
    read.
    """
    written = [t for p in procs for t in p.writes] if name == "reads" else []
    named = [t for p in procs for t in getattr(p, name)]
    return tuple(t for t in dict.fromkeys([*tables_of(name, params), *named]) if t not in written)
