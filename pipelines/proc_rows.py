"""The rows of proc.csv: what each job runs, in which order, from which file."""

from __future__ import annotations

from facts.faults import Collector
from facts.located import CsvRow
from pipelines import cells
from pipelines.cells import Cells
from pipelines.model import Proc

Procs = dict[str, list[Proc]]


def read_procs(rows: list[CsvRow], job_rows: list[CsvRow], faults: Collector) -> Procs:
    """The procs of each job id in their order, held against their job's schedule and one another."""
    schedules = {r.cells.get("job_id", ""): r.cells.get("schedule") for r in job_rows}
    found: Procs = {}
    places: dict[str, Cells] = {}
    for row in rows:
        cell = Cells(row, faults)
        cell.get("job_id")
        proc = _proc(cell)
        _timeout_fits(schedules.get(row.cells.get("job_id", "")), proc, cell)
        _path_exists(proc, cell)
        found.setdefault(row.cells.get("job_id", ""), []).append(proc)
        places[proc.proc_id] = cell
    for procs in found.values():
        orders = {p.proc_id: p.order for p in procs}
        for proc in procs:
            for before in [d for d in proc.depends_on if orders.get(d, -1) >= proc.order]:
                what = f"{proc.order} is not after that of '{before}', which it waits for"
                places[proc.proc_id].note("LK317", "order", what, f"more than {orders[before]}", str(proc.order))
    return {job: sorted(procs, key=lambda p: p.order) for job, procs in found.items()}


def _proc(cell: Cells) -> Proc:
    return Proc(
        proc_id=cell.get("proc_id"),
        name=cell.get("proc_name", cells.name),
        path=cell.get("notebook_path", cells.path),
        order=cell.get("order", cells.whole, 1),
        retry_count=cell.get("retry_count", cells.whole, 0),
        timeout_minutes=cell.get("timeout_minutes", cells.timeout, -1),
        description=cell.get("description"),
        scheduler=cell.get("scheduler_type", cells.one_of("ADF", "Airflow"), "Airflow"),
        dag_id=cell.get("dag_id", cells.name),
        depends_on=cell.get("dependencies", cells.items, ()),
    )


def _timeout_fits(schedule: str | None, proc: Proc, cell: Cells) -> None:
    if schedule and proc.timeout_minutes >= 0 and (proc.timeout_minutes == 0) != (schedule == "continuous"):
        what = f"{proc.timeout_minutes} does not fit schedule '{schedule}'"
        wanted = "0 (continuous) for a continuous job, minutes for any other"
        cell.note("LK303", "timeout_minutes", what, wanted, str(proc.timeout_minutes))


def _path_exists(proc: Proc, cell: Cells) -> None:
    if not proc.path:
        return
    root = cell.faults.root.resolve()
    path = (root / proc.path).resolve()
    if not path.is_relative_to(root):
        cell.note("LK309", "notebook_path", f"'{proc.path}' leaves the project", "a path inside the project", proc.path)
    elif not path.is_file():
        beside = [p.relative_to(root).as_posix() for p in path.parent.glob("*")] if path.parent.is_dir() else []
        cell.note("LK308", "notebook_path", f"'{proc.path}' does not exist", "a .py, .sql or .json file of the project", proc.path, beside)
