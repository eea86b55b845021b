"""Jobs against the functions and queries that they run: a name that does not fit is a fault before Spark
starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from lakehouse.contracts.contract import Contract
from lakehouse.pipelines.job_fault import note_job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.python_functions import Function, Parameter, read_functions
from lakehouse.pipelines.sql import Statement, statements
from lakehouse.pipelines.sql_tokens import SqlError
from lakehouse.pipelines.table_parameters import INJECTED_PARAMETERS, parameter_of, table_of
from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

# What the function of a stream takes.
MESSAGES = "messages"
Contracts = Mapping[str, Contract]


def check_functions(jobs: Iterable[Job], contracts: Contracts, faults: Collector) -> None:
    """Notes each function that is missing or takes what it is not given, and each contract that it cannot
    follow.
    """
    for job in jobs:
        if job.type is JobType.TRANSFORM:
            _Transforms(job, contracts, faults).check()
        elif job.type is JobType.SQL:
            _check_queries(job, contracts, faults)
        elif job.type is JobType.INGEST:
            _check_ingest(job, faults)
        elif job.type is JobType.STREAM:
            _check_stream(job, faults)


class _Transforms:
    """The functions of one transform job."""

    def __init__(self, job: Job, contracts: Contracts, faults: Collector) -> None:
        self.job, self.contracts, self.faults = job, contracts, faults

    def check(self) -> None:
        file = _python_file(self.job, self.faults)
        functions = read_functions(file, self.faults) if file else None
        if file is None or functions is None:
            return
        for table in self.job.writes:
            function = _function(table, functions, file, self.faults)
            if function:
                self._check(table, function, file)
        inputs = {
            t: [table_of(p) for p in functions[_name(t)].names]
            for t in self.job.writes
            if _name(t) in functions
        }
        _check_order(self.job, inputs, file, self.faults)

    def _check(self, table: str, function: Function, file: Path) -> None:
        tables = [t for t in (*self.job.reads, *self.job.writes) if t != table]
        names = [*map(parameter_of, tables), *INJECTED_PARAMETERS]
        for parameter in function.parameters:
            problem = _unusable(parameter) or ("" if parameter.name in names else _stranger(table, parameter))
            if problem:
                message, at = f"{function.name}(): {problem}", (parameter.line, parameter.column)
                expected = f"tables that the job reads or makes, or {', '.join(INJECTED_PARAMETERS)}, by name"
                self.faults.add(
                    "LK325", message, file=file, at=at, wanted=expected, value=parameter.name, among=names
                )
        inputs = [table_of(p) for p in function.names if p not in INJECTED_PARAMETERS]
        contract = self.contracts.get(table)
        if contract:
            at = (function.line, function.column)
            _check_driving(contract, inputs, file, at, self.faults)
            _check_references(contract, [t for t in inputs if t in tables], file, at, self.faults)


def _unusable(parameter: Parameter) -> str:
    if parameter.gathers:
        return f"'{parameter.name}' gathers arguments and names no table"
    return "" if parameter.by_name else f"'{parameter.name}' can be given by position only"


def _stranger(table: str, parameter: Parameter) -> str:
    if parameter.name == parameter_of(table):
        return f"'{parameter.name}' is the table that it makes"
    return f"'{parameter.name}' is no table of the job"


def _check_driving(
    contract: Contract, inputs: Sequence[str], file: Path, at: tuple[int, int], faults: Collector
) -> None:
    """A table is made from what drives it, so its function or query must read that."""
    for driving in contract.lake.incremental_from:
        if driving == contract.table:
            message, expected = (
                f"{contract.table} is incremental_from itself",
                "tables that other jobs change",
            )
            faults.add("LK326", message, file=file, at=at, wanted=expected, value=driving)
        elif driving not in inputs:
            message = f"{contract.table} is incremental_from {driving}, which nothing here reads for it"
            expected = f"some of {', '.join(inputs) or 'no table'} in x-lake.incremental_from"
            faults.add("LK326", message, file=file, at=at, wanted=expected, value=driving, among=inputs)
    for dependency in contract.lake.depends_on:
        if dependency.table not in inputs:
            message = f"{contract.table} depends_on {dependency.table}, which nothing here reads for it"
            expected = f"some of {', '.join(inputs) or 'no table'} in x-lake.depends_on"
            faults.add(
                "LK326", message, file=file, at=at, wanted=expected, value=dependency.table, among=inputs
            )


def _check_references(
    contract: Contract, inputs: Sequence[str], file: Path, at: tuple[int, int], faults: Collector
) -> None:
    """A table that is read beside what drives the rows must reach them when it changes."""
    lake = contract.lake
    if lake.write not in ("merge", "recompute") or not lake.incremental_from:
        return
    following = [*lake.incremental_from, *(d.table for d in lake.depends_on)]
    for table in inputs:
        if table not in following:
            message = f"{contract.table} reads {table}, whose changes would never reach its rows"
            expected = f"{table} in x-lake.depends_on (the rows look it up) or incremental_from (it has rows)"
            faults.add("LK336", message, file=file, at=at, wanted=expected, value=table)


def _check_itself(contract: Contract, query: Statement, file: Path, faults: Collector) -> None:
    """A query may read the table that it writes when rows are merged into it: what is there stays there."""
    if contract.table in query.reads and contract.lake.write not in ("merge", "append"):
        message = f"{contract.table}: reads itself, and write '{contract.lake.write}' replaces what is there"
        expected = "x-lake.write 'merge', which keeps the rows of earlier runs"
        faults.add("LK322", message, file=file, at=(query.line, 0), wanted=expected)


def _check_order(job: Job, inputs: Mapping[str, Sequence[str]], file: Path, faults: Collector) -> None:
    """Tables of one job are made one after the other; those that wait for one another never are."""
    try:
        dependencies = {
            table: [i for i in reads if i in inputs and i != table] for table, reads in inputs.items()
        }
        TopologicalSorter(dependencies).prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        message = f"tables of job '{job.name}' are made from one another: {circle}"
        faults.add("LK327", message, file=file, wanted="tables that can be made one after the other")


def _check_queries(job: Job, contracts: Contracts, faults: Collector) -> None:
    for path in dict.fromkeys(p.file for p in job.procs if p.file.endswith(".sql")):
        file = faults.root / path
        # A file that cannot be read or understood has its fault from the reader.
        text = read_text(file, Collector(faults.root))
        try:
            queries = [s for s in statements(text or "") if s.table]
        except SqlError:
            continue
        for query in queries:
            if contract := contracts.get(query.table):
                _check_itself(contract, query, file, faults)
                _check_driving(contract, query.reads, file, (query.line, 0), faults)
                _check_references(contract, query.reads, file, (query.line, 0), faults)
        _check_order(job, {s.table: s.reads for s in queries}, file, faults)


def _check_ingest(job: Job, faults: Collector) -> None:
    file = _python_file(job, faults)
    functions = read_functions(file, faults) if file else None
    if file is None or functions is None:
        return
    for table in job.writes:
        function = _function(table, functions, file, faults)
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
            function = _function(table, functions, file, faults)
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


def _function(
    table: str, functions: Mapping[str, Function], file: Path, faults: Collector
) -> Function | None:
    """The function that makes a table. Notes LK324 where there is none."""
    function = functions.get(_name(table))
    if function is None:
        message, expected = f"has no function for {table}", f"def {_name(table)}(…) at the top of the file"
        faults.add("LK324", message, file=file, wanted=expected, value=_name(table), among=functions)
    return function


def _name(table: str) -> str:
    return table.partition(".")[2]


def _python_file(job: Job, faults: Collector) -> Path | None:
    """The Python file of a job; None where it has none. Notes LK316 for a job with several."""
    files = list(dict.fromkeys(p.file for p in job.procs if p.file.endswith(".py")))
    if len(files) > 1:
        message = f"job '{job.name}' has {len(files)} Python files: {', '.join(files)}"
        note_job(faults, "LK316", job, message, "one Python file; a job for each")
    return faults.root / files[0] if len(files) == 1 else None
