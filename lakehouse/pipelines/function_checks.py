"""Jobs against the functions and queries that they run: a name that does not fit is a fault before Spark
starts.
"""

from __future__ import annotations

from collections.abc import Iterable

from lakehouse.pipelines.job_functions import function_of, python_file
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.python_functions import Function, read_functions
from lakehouse.pipelines.transform_checks import Contracts, Transforms, check_queries
from lakehouse.reading.faults import Collector

# What the function of a stream takes.
MESSAGES = "messages"


def check_functions(jobs: Iterable[Job], contracts: Contracts, faults: Collector) -> None:
    """Notes each function that is missing or takes what it is not given, and each contract that it cannot
    follow.
    """
    for job in jobs:
        if job.type is JobType.TRANSFORM:
            Transforms(job, contracts, faults).check()
        elif job.type is JobType.SQL:
            check_queries(job, contracts, faults)
        elif job.type is JobType.INGEST:
            _check_ingest(job, faults)
        elif job.type is JobType.STREAM:
            _check_stream(job, faults)


def _check_ingest(job: Job, faults: Collector) -> None:
    file = python_file(job, faults)
    functions = read_functions(file, faults) if file else None
    if file is None or functions is None:
        return
    for table in job.writes:
        function = function_of(table, functions, file, faults)
        if function and not (len(function.parameters) == 1 and function.parameters[0].by_position):
            message, at = f"{function.name}() takes {_listed(function)}", (function.line, function.column)
            faults.add(
                "LK325", message, file=file, at=at, wanted="exactly one argument: the documents of the source"
            )


def _check_stream(job: Job, faults: Collector) -> None:
    declared = {t for proc in job.procs for t in proc.writes}
    for proc in job.procs:
        file = faults.root / proc.file
        functions = read_functions(file, faults) if proc.file.endswith(".py") else None
        if functions is None:
            continue
        for table in proc.writes or [t for t in job.writes if t not in declared]:
            function = function_of(table, functions, file, faults)
            if function and not (function.names == (MESSAGES,) and function.parameters[0].by_name):
                message, at = f"{function.name}() takes {_listed(function)}", (function.line, function.column)
                faults.add(
                    "LK325",
                    message,
                    file=file,
                    at=at,
                    wanted=f"exactly one argument: {MESSAGES}",
                    value=next(iter(function.names), ""),
                    among=[MESSAGES],
                )


def _listed(function: Function) -> str:
    return ", ".join(function.names) or "no argument"
