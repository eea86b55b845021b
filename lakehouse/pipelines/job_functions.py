"""The Python file of a job and the functions in it that make its tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lakehouse.pipelines.job_fault import note_job
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.python_functions import Function
from lakehouse.reading.faults import Collector


def function_of(
    table: str, functions: Mapping[str, Function], file: Path, faults: Collector
) -> Function | None:
    """The function that makes a table. Notes LK324 where there is none."""
    name = function_name(table)
    function = functions.get(name)
    if function is None:
        message, expected = (
            f"has no function for {table}",
            f"def {name}(…) at the top of the file",
        )
        faults.add("LK324", message, file=file, wanted=expected, value=name, among=functions)
    return function


def function_name(table: str) -> str:
    """The name of the function that makes a table."""
    return table.partition(".")[2]


def python_file(job: Job, faults: Collector) -> Path | None:
    """The Python file of a job; None where it has none. Notes LK316 for a job with several."""
    files = list(dict.fromkeys(p.file for p in job.procs if p.file.endswith(".py")))
    if len(files) > 1:
        message = f"job '{job.name}' has {len(files)} Python files: {', '.join(files)}"
        note_job(faults, "LK316", job, message, "one Python file; a job for each")
    return faults.root / files[0] if len(files) == 1 else None
