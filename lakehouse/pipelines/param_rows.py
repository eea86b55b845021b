"""The rows of proc_param.csv: values, held against their types, their procs and the rule for secrets."""

from __future__ import annotations

from datetime import date

from lakehouse.pipelines import cells
from lakehouse.pipelines.cells import Cells
from lakehouse.pipelines.params import Param, ParamError, check_param, evaluate
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import CsvRow

Params = dict[str, list[Param]]


def read_params(rows: list[CsvRow], faults: Collector) -> list[Param]:
    """The sound parameters of one proc."""
    params: list[Param] = []
    for row in rows:
        cell = Cells(row, faults)
        cell.get("proc_id")
        kind, secure = cell.get("param_type", cells.param_type, None), cell.get("secure", cells.yes, None)
        name, about = cell.get("param_name", cells.name), cell.get("description")
        param = Param(name, row.cells.get("param_value", ""), kind or "string", bool(secure), about)
        if name and any(p.name == name for p in params):
            cell.note("LK305", "param_name", f"'{name}' stands twice", "each name once in a proc", name)
        if kind is None or secure is None:
            continue
        try:
            check_param(param)
            params.append(param)
        except ParamError as e:
            # A value that may be a secret in the clear is not shown again.
            cell.note(e.code, "param_value", str(e), e.wanted, "" if secure else param.value)
    return params


def check_agree(rows: list[CsvRow], proc_rows: list[CsvRow], params: Params, faults: Collector) -> None:
    """The procs of one job share one map of parameters: one name has one value in it.

    Tables are gathered instead.
    """
    job_of = {r.cells.get("proc_id", ""): r.cells.get("job_id", "") for r in proc_rows}
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for row in rows:
        proc, name = row.cells.get("proc_id", ""), row.cells.get("param_name", "")
        for param in [
            p for p in params.get(proc, []) if p.name == name and p.type != "tables" and proc in job_of
        ]:
            before, value = first.setdefault((job_of[proc], name), (proc, param.value))
            if before != proc and value != param.value:
                message = f"'{name}' has another value in proc '{before}' of the same job"
                Cells(row, faults).note(
                    "LK305", "param_name", message, "one value, or a name of its own", name
                )


def tables_of(name: str, params: list[Param]) -> tuple[str, ...]:
    """What the parameters of that name list, each table once."""
    listing = [p for p in params if p.name == name]
    return tuple(
        dict.fromkeys(
            t for p in listing for t in evaluate(p, run_date=date(2000, 1, 1), run_id="", job_name="")
        )
    )
