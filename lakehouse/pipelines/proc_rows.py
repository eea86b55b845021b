"""The rows of proc.csv: what each job runs, in which order, from which file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lakehouse.pipelines import cells
from lakehouse.pipelines.cells import Cells
from lakehouse.pipelines.copy_template import read_copy_template
from lakehouse.pipelines.job_type import BUILT_IN
from lakehouse.pipelines.model import Proc
from lakehouse.pipelines.param_rows import Params
from lakehouse.pipelines.sql_file import tables_of
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import CsvRow

Procs = dict[str, list[Proc]]


def read_procs(rows: list[CsvRow], job_rows: list[CsvRow], params: Params, faults: Collector) -> Procs:
    """The procs of each job id in their order, held against their job's schedule and one another, with what
    their files name.
    """
    schedules = {r.cells.get("job_id", ""): r.cells.get("schedule") for r in job_rows}
    by_job: Procs = {}
    cells_of: dict[str, Cells] = {}
    for row in rows:
        cell = Cells(row, faults)
        cell.get("job_id")
        proc = _proc(cell)
        _timeout_fits(schedules.get(row.cells.get("job_id", "")), proc, cell)
        proc = _with_file(proc, cell, params)
        by_job.setdefault(row.cells.get("job_id", ""), []).append(proc)
        cells_of[proc.proc_id] = cell
    for procs in by_job.values():
        orders = {p.proc_id: p.order for p in procs}
        for proc in procs:
            for before in [d for d in proc.depends_on if orders.get(d, -1) >= proc.order]:
                message = f"{proc.order} is not after that of '{before}', which it waits for"
                cells_of[proc.proc_id].note(
                    "LK317", "order", message, f"more than {orders[before]}", str(proc.order)
                )
    return {job: sorted(procs, key=lambda p: p.order) for job, procs in by_job.items()}


def _proc(cell: Cells) -> Proc:
    return Proc(
        proc_id=cell.get("proc_id"),
        name=cell.get("proc_name", cells.name),
        path=cell.get("notebook_path", cells.path),
        order=cell.get("order", cells.whole, 1),
        retry_count=cell.get("retry_count", cells.retry_count, 0),
        timeout_minutes=cell.get("timeout_minutes", cells.timeout, -1),
        description=cell.get("description"),
        scheduler=cell.get("scheduler_type", cells.one_of("ADF", "Airflow"), "Airflow"),
        dag_id=cell.get("dag_id", cells.name),
        depends_on=cell.get("dependencies", cells.items, ()),
    )


def _timeout_fits(schedule: str | None, proc: Proc, cell: Cells) -> None:
    if schedule and proc.timeout_minutes >= 0 and (proc.timeout_minutes == 0) != (schedule == "continuous"):
        message = f"{proc.timeout_minutes} does not fit schedule '{schedule}'"
        expected = "0 (continuous) for a continuous job, minutes for any other"
        cell.note("LK303", "timeout_minutes", message, expected, str(proc.timeout_minutes))


def _with_file(proc: Proc, cell: Cells, params: Params) -> Proc:
    """A path is looked for in the pipeline's own folder first, then in the project."""
    if not proc.path or proc.path in BUILT_IN:
        return proc
    root, folder = cell.faults.root.resolve(), cell.row.file.parent.resolve()
    places = [(base / proc.path).resolve() for base in (folder, root)]
    file = next((p for p in places if p.is_file()), places[-1])
    if not all(p.is_relative_to(root) for p in places):
        cell.note(
            "LK309",
            "notebook_path",
            f"'{proc.path}' leaves the project",
            "a path inside the project",
            proc.path,
        )
    elif not file.is_file():
        beside = [
            p.relative_to(base).as_posix()
            for base, p in zip((folder, root), places, strict=True)
            for p in _beside(p)
        ]
        expected = "a .py, .sql or .json file of the pipeline or the project"
        cell.note("LK308", "notebook_path", f"'{proc.path}' does not exist", expected, proc.path, beside)
    else:
        return _read(replace(proc, file=file.relative_to(root).as_posix()), cell, params)
    return proc


def _beside(path: Path) -> list[Path]:
    return list(path.parent.glob("*")) if path.parent.is_dir() else []


def _read(proc: Proc, cell: Cells, params: Params) -> Proc:
    """What a SQL file or a copy template says."""
    if proc.file.endswith(".sql"):
        job_of = cell.row.cells.get("job_id", "")
        return tables_of(proc, params.get(job_of, []), cell.faults)
    if proc.file.endswith(".json"):
        copy = read_copy_template(cell.faults.root / proc.file, cell.faults)
        return replace(proc, copy=copy, writes=(copy.table,) if copy else ())
    return proc
