"""Reads every pipeline of a tree: the rows, then what they say of one another."""

from __future__ import annotations

from pathlib import Path

from environments.reader import NAMES
from facts.check import tree_root
from facts.faults import Collector
from facts.located import CsvRow, read_csv
from pipelines import cells
from pipelines.cells import Cells
from pipelines.graph import check_graph, ordered
from pipelines.model import Job, Pipeline, Proc, Retry
from pipelines.params import Param, ParamError, check_param, evaluate

FILES = {"job.csv": cells.JOB, "proc.csv": cells.PROC, "proc_param.csv": cells.PARAM}


def load_pipelines(root: Path | None = None) -> dict[str, Pipeline]:
    """Raises FaultsError with everything that is wrong below pipelines/."""
    faults = Collector(root or tree_root())
    found = read_pipelines(faults)
    faults.raise_if_any()
    return found


def read_pipelines(faults: Collector) -> dict[str, Pipeline]:
    folders = sorted(f.parent for f in (faults.root / "pipelines").glob("*/job.csv"))
    jobs = {folder.name: _jobs(folder, faults) for folder in folders}
    check_graph([j for found in jobs.values() for j in found], faults)
    if faults.faults:
        return {}
    return {name: Pipeline(name, tuple(ordered(found))) for name, found in jobs.items()}


def _jobs(folder: Path, faults: Collector) -> list[Job]:
    rows = {name: _rows(folder / name, columns, faults) for name, columns in FILES.items()}
    params = _by(rows["proc_param.csv"], "proc_id")
    procs: dict[str, list[tuple[Proc, Cells]]] = {}
    for row in rows["proc.csv"]:
        cell = Cells(row, faults)
        procs.setdefault(row.cells.get("job_id", ""), []).append((_proc(cell), cell))
    job_ids = [r.cells.get("job_id", "") for r in rows["job.csv"]]
    proc_ids = [p.proc_id for found in procs.values() for p, _ in found]
    _once("job_id", rows["job.csv"], faults)
    _once("job_name", rows["job.csv"], faults)
    _once("proc_id", rows["proc.csv"], faults)
    _point("job_id", rows["proc.csv"], job_ids, faults)
    _point("proc_id", rows["proc_param.csv"], proc_ids, faults)
    _point("dependencies", rows["job.csv"], job_ids, faults)
    _point("dependencies", rows["proc.csv"], proc_ids, faults)
    names = {r.cells.get("job_id", ""): r.cells.get("job_name", "") for r in rows["job.csv"]}
    return [_job(Cells(r, faults), folder.name, names, procs.get(r.cells.get("job_id", ""), []), params) for r in rows["job.csv"]]


def _rows(file: Path, columns: tuple[str, ...], faults: Collector) -> list[CsvRow]:
    rows = read_csv(file, columns, faults)
    if rows:
        for missing in [c for c in columns if c not in rows[0].cells and c not in cells.OPTIONAL]:
            faults.add("LK301", f"column '{missing}' is missing", file=file, at=(1, 0), wanted=", ".join(columns), value=missing)
    return rows


def _proc(cell: Cells) -> Proc:
    return Proc(
        proc_id=cell.get("proc_id"),
        name=cell.get("proc_name", cells.name),
        path=cell.get("notebook_path"),
        order=cell.get("order", cells.whole, 1),
        retry_count=cell.get("retry_count", cells.whole, 0),
        timeout_minutes=cell.get("timeout_minutes", cells.timeout, 0),
        description=cell.get("description"),
        scheduler=cell.get("scheduler_type", cells.one_of("ADF", "Airflow"), "Airflow"),
        dag_id=cell.get("dag_id", cells.name),
        depends_on=cell.get("dependencies", cells.items, ()),
    )


def _job(cell: Cells, pipeline: str, names: dict[str, str], procs: list[tuple[Proc, Cells]], params: dict[str, list[CsvRow]]) -> Job:
    if not procs:
        cell.note("LK306", "job_id", f"'{cell.row.cells.get('job_id')}' has no row in proc.csv", "at least one proc")
    found = [p for proc, _ in procs for p in _params(params.get(proc.proc_id, []), cell.faults)]
    schedule = cell.get("schedule", cells.schedule)
    for proc, at in procs:
        _timeout_fits(schedule, proc, at)
        _path_exists(proc, at)
    tables = {p.name: p for p in found if p.type == "tables"}
    return Job(
        job_id=cell.get("job_id"),
        name=cell.get("job_name", cells.name),
        pipeline=pipeline,
        kind=cell.get("job_type", cells.one_of("batch", "streaming"), "batch"),
        schedule=schedule,
        owner=cell.get("owner", cells.name),
        environments=cell.get("environment", cells.some_of(*NAMES), ()),
        description=cell.get("description"),
        retry=cell.get("retry_policy", cells.retry, Retry(0, 0)),
        failure_notification=cell.get("failure_notification", cells.notification),
        depends_on=tuple(names.get(d, d) for d in cell.get("dependencies", cells.items, ())),
        procs=tuple(sorted((p for p, _ in procs), key=lambda p: p.order)),
        params=tuple(found),
        reads=_tables(tables.get("reads")),
        writes=_tables(tables.get("writes")),
        place=f"{cell.faults.relative(cell.row.file)}:{cell.row.line}",
    )


def _params(rows: list[CsvRow], faults: Collector) -> list[Param]:
    found: list[Param] = []
    for row in rows:
        cell = Cells(row, faults)
        kind, secure = cell.get("param_type", cells.param_type, None), cell.get("secure", cells.yes, None)
        param = Param(
            cell.get("param_name", cells.name), row.cells.get("param_value", ""), kind or "string", bool(secure), cell.get("description")
        )
        if any(p.name == param.name for p in found):
            cell.note("LK305", "param_name", f"'{param.name}' stands twice", "each name once in a proc", param.name)
        if kind is None or secure is None:
            continue
        try:
            check_param(param)
            found.append(param)
        except ParamError as e:
            code = "LK304" if "secur" not in str(e) else "LK307"
            # A value that may be a secret in the clear is not shown again.
            shown = "" if secure else param.value
            what = str(e) if not secure or code == "LK307" else "does not fit"
            cell.note(code, "param_value", what, e.wanted, shown)
    return found


def _tables(param: Param | None) -> tuple[str, ...]:
    from datetime import date

    return tuple(evaluate(param, run_date=date(2000, 1, 1), run_id="", job_name="")) if param else ()


def _timeout_fits(schedule: str, proc: Proc, cell: Cells) -> None:
    if (proc.timeout_minutes == 0) != (schedule == "continuous"):
        wanted = "0 (continuous) for a continuous job, minutes for any other"
        cell.note(
            "LK303", "timeout_minutes", f"{proc.timeout_minutes} does not fit schedule '{schedule}'", wanted, str(proc.timeout_minutes)
        )


def _path_exists(proc: Proc, cell: Cells) -> None:
    root = cell.faults.root.resolve()
    path = (root / proc.path).resolve()
    if not path.is_relative_to(root):
        cell.note("LK309", "notebook_path", f"'{proc.path}' leaves the project", "a path inside the project", proc.path)
    elif not path.is_file():
        beside = [p.relative_to(root).as_posix() for p in path.parent.glob("*")] if path.parent.is_dir() else []
        cell.note("LK308", "notebook_path", f"'{proc.path}' does not exist", "a .py, .sql or .json file of the project", proc.path, beside)


def _by(rows: list[CsvRow], column: str) -> dict[str, list[CsvRow]]:
    out: dict[str, list[CsvRow]] = {}
    for row in rows:
        out.setdefault(row.cells.get(column, ""), []).append(row)
    return out


def _once(column: str, rows: list[CsvRow], faults: Collector) -> None:
    for value, found in _by(rows, column).items():
        for row in found[1:] if value else []:
            Cells(row, faults).note("LK305", column, f"'{value}' stands twice, first in line {found[0].line}", "each once", value)


def _point(column: str, rows: list[CsvRow], known: list[str], faults: Collector) -> None:
    for row in rows:
        for target in cells.items(row.cells.get(column, "")):
            if target not in known:
                Cells(row, faults).note(
                    "LK310", column, f"names '{target}', which does not exist", "an id of the same pipeline", target, known
                )
