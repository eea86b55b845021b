"""The functions of transform jobs and the queries of SQL jobs against the tables that they make."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lakehouse.contracts.contract import Contract
from lakehouse.pipelines.input_checks import check_inputs, check_order, check_references
from lakehouse.pipelines.job_functions import function_name, function_of, python_file
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.python_functions import Function, Parameter, read_functions
from lakehouse.pipelines.sql import Statement, statements
from lakehouse.pipelines.sql_tokens import SqlError
from lakehouse.pipelines.table_parameters import INJECTED_PARAMETERS, parameter_of, table_of
from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

Contracts = Mapping[str, Contract]


class Transforms:
    """The functions of one transform job."""

    def __init__(self, job: Job, contracts: Contracts, faults: Collector) -> None:
        self.job, self.contracts, self.faults = job, contracts, faults

    def check(self) -> None:
        file = python_file(self.job, self.faults)
        functions = read_functions(file, self.faults) if file else None
        if file is None or functions is None:
            return
        for table in self.job.writes:
            function = function_of(table, functions, file, self.faults)
            if function:
                self._check(table, function, file)
        inputs = {
            t: [table_of(p) for p in functions[function_name(t)].names]
            for t in self.job.writes
            if function_name(t) in functions
        }
        check_order(self.job, inputs, file, self.faults)

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
            check_inputs(contract, inputs, file, at, self.faults)
            check_references(contract, [t for t in inputs if t in tables], file, at, self.faults)


def _unusable(parameter: Parameter) -> str:
    if parameter.gathers:
        return f"'{parameter.name}' gathers arguments and names no table"
    return "" if parameter.by_name else f"'{parameter.name}' can be given by position only"


def _stranger(table: str, parameter: Parameter) -> str:
    if parameter.name == parameter_of(table):
        return f"'{parameter.name}' is the table that it makes"
    return f"'{parameter.name}' is no table of the job"


def check_queries(job: Job, contracts: Contracts, faults: Collector) -> None:
    """Notes each contract that the queries of a SQL job cannot follow."""
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
                check_inputs(contract, query.reads, file, (query.line, 0), faults)
                check_references(contract, query.reads, file, (query.line, 0), faults)
        check_order(job, {s.table: s.reads for s in queries}, file, faults)


def _check_itself(contract: Contract, query: Statement, file: Path, faults: Collector) -> None:
    """A query may read the table that it writes when rows are merged into it: what is there stays there."""
    if contract.table in query.reads and contract.lake.write not in ("merge", "append"):
        message = f"{contract.table}: reads itself, and write '{contract.lake.write}' replaces what is there"
        expected = "x-lake.write 'merge', which keeps the rows of earlier runs"
        faults.add("LK322", message, file=file, at=(query.line, 0), wanted=expected)
