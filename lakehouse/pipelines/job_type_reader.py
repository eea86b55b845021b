"""The job type of a row, and the warehouse of a row that publishes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from lakehouse.pipelines.cells import Cells
from lakehouse.pipelines.job_type import BUILT_IN, WAREHOUSE, WAREHOUSES, JobType
from lakehouse.pipelines.model import Proc
from lakehouse.pipelines.params import Param


def read_type(
    cell: Cells,
    kind: Literal["batch", "streaming"],
    procs: Sequence[Proc],
    reads: Sequence[str],
    writes: Sequence[str],
) -> JobType:
    """The one type that all procs of the row's job ask for. Notes LK316 when they ask for several."""
    types = job_types(kind, procs, reads, writes)
    if len(types) > 1:
        name = cell.row.cells.get("job_name", "")
        message = f"the procs of job '{name}' are of several types: {', '.join(types)}"
        expected = "procs of one type; a job for each"
        cell.faults.add("LK316", message, file=cell.row.file, at=(cell.row.line, 0), wanted=expected)
    return types[0] if types else JobType.TRANSFORM


def read_warehouse(cell: Cells, job_type: JobType, params: Sequence[Param]) -> str:
    """The warehouse that a publish names in its parameter `warehouse`.

    Notes LK318 when it names none we know.
    """
    if job_type is not JobType.PUBLISH:
        return ""
    warehouse = next((p.value for p in params if p.name == WAREHOUSE), "")
    if warehouse in WAREHOUSES:
        return warehouse
    name = cell.row.cells.get("job_name", "")
    target = f"'{warehouse}'" if warehouse else "no warehouse"
    cell.faults.add(
        "LK318",
        f"job '{name}' publishes to {target}",
        file=cell.row.file,
        at=(cell.row.line, 0),
        wanted=f"a parameter {WAREHOUSE}: {' or '.join(WAREHOUSES)}",
        value=warehouse,
        among=WAREHOUSES,
    )
    return ""


def job_types(
    kind: Literal["batch", "streaming"], procs: Sequence[Proc], reads: Sequence[str], writes: Sequence[str]
) -> list[JobType]:
    """The types that the procs of one job ask for, each once; a sound job has exactly one.

    A stream is one by its row. Otherwise the path decides: a word of `BUILT_IN` is that type, `.sql` is sql,
    `.json` (a copy template) is ingest. `.py` is transform, or ingest where the job reads no table and writes
    bronze only: its functions parse the documents of a source.
    """
    if kind == "streaming":
        return [JobType.STREAM]
    parses = not reads and bool(writes) and all(t.startswith("bronze.") for t in writes)
    of_code = JobType.INGEST if parses else JobType.TRANSFORM
    endings = {"sql": JobType.SQL, "json": JobType.INGEST, "py": of_code}
    types = [JobType(p.path) if p.path in BUILT_IN else endings.get(_ending(p)) for p in procs]
    return list(dict.fromkeys(t for t in types if t))


def _ending(proc: Proc) -> str:
    return (proc.file or proc.path).rpartition(".")[2]
