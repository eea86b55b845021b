"""Calls the functions of transforms on empty tables: Spark analyses what they build, and nothing is read."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType, TracebackType
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.analysis.empty_tables import empty_rows, empty_tables
from glue_jobs.analysis.output import compare
from glue_jobs.analysis.queries import RUN_DATE, parameters
from glue_jobs.errors import RunError, first_line
from glue_jobs.streaming.json_rows import rows_of_json, with_defect_columns
from glue_jobs.streaming.row_validation import apply_user_function
from glue_jobs.user_code import function_of, load_module
from lakehouse.contracts import Contract
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.source_binding import sourced
from lakehouse.pipelines.table_parameters import INJECTED_PARAMETERS, table_of
from lakehouse.reading.faults import Collector

_DOCUMENTS = (("document", "string"), ("_source_position", "string"), ("_corrupt", "string"))
_MESSAGES = (
    ("topic", "string"),
    ("partition", "int"),
    ("offset", "bigint"),
    ("timestamp", "timestamp"),
    ("value", "binary"),
)
_MAX_MESSAGE_BYTES = 1_000_000


def check_functions(
    spark: SparkSession, job: Job, contracts: Mapping[str, Contract], faults: Collector
) -> None:
    """Notes each function that fails on empty tables (LK344), and where its columns are not the contract's
    (LK341, LK342). It runs the project's code.
    """
    for path in dict.fromkeys(p.file for p in job.procs if p.file.endswith(".py")):
        try:
            module = load_module(faults.root, path)
        except RunError as error:
            faults.add("LK344", str(error).removeprefix("RUN213 "), file=faults.root / path)
            continue
        for table in job.writes:
            if table in contracts:
                _Call(spark, job, contracts, faults, path, module).check(table)


def rows_of_function(
    spark: SparkSession, job: Job, function: Callable[..., DataFrame], contracts: Mapping[str, Contract]
) -> DataFrame:
    """What the function of a transform gives for tables without rows."""
    names = list(inspect.signature(function).parameters)
    tables = [table_of(name) for name in names if name not in INJECTED_PARAMETERS]
    injected = {"run_date": RUN_DATE, "spark": spark, "params": parameters(job)}
    given: dict[str, Any] = {name: injected[name] for name in names if name in injected}
    return function(**empty_tables(spark, tables, contracts), **given)


class _Call:
    """One call of a function on empty tables."""

    def __init__(
        self,
        spark: SparkSession,
        job: Job,
        contracts: Mapping[str, Contract],
        faults: Collector,
        path: str,
        module: ModuleType,
    ) -> None:
        self.spark, self.job, self.contracts = spark, job, contracts
        self.faults, self.path, self.module = faults, path, module

    def check(self, table: str) -> None:
        contract = self.contracts[table]
        try:
            function = function_of(self.module, table)
            rows = self._rows(function, contract)
            if rows is None:
                return
            built = self.job.type is JobType.TRANSFORM
            faults = list(compare(self.spark, rows, contract, exactly=False)) if built else []
        except (KeyError, RunError) as error:
            if isinstance(error, RunError) and error.code != "RUN214":
                self._note(table, str(error).removeprefix(f"{error.code} "), error.__traceback__)
            return  # a function or a contract that is missing has a fault of its own
        except Exception as error:  # the project's code may raise anything
            self._note(table, _sentence(error), error.__traceback__)
            return
        line = function.__code__.co_firstlineno
        for fault in faults:
            self.faults.add(
                fault.code,
                fault.message,
                file=self.faults.root / self.path,
                at=(line, 0),
                wanted=fault.expected,
                value=fault.value,
                among=fault.among,
            )

    def _rows(self, function: Callable[..., DataFrame], contract: Contract) -> DataFrame | None:
        if self.job.type is JobType.TRANSFORM:
            return rows_of_function(self.spark, self.job, function, self.contracts)
        if self.job.type is JobType.INGEST:
            return function(empty_rows(self.spark, _DOCUMENTS))
        source = sourced(self.job, contract).lake.source
        if self.job.type is not JobType.STREAM or source is None or source.format == "csv":
            return None
        messages = empty_rows(self.spark, _MESSAGES)
        rows = with_defect_columns(rows_of_json(messages, contract, _MAX_MESSAGE_BYTES), contract)
        return apply_user_function(rows, function, contract)

    def _note(self, table: str, message: str, trace: TracebackType | None) -> None:
        line = _line(trace, self.path)
        self.faults.add(
            "LK344",
            f"the function of {table} fails on empty tables: {message}",
            file=self.faults.root / self.path,
            at=(line, 0),
            wanted="a function that gives a frame for tables without rows",
        )


def _sentence(error: Exception) -> str:
    if isinstance(error, PySparkException):
        return first_line(error).split(";\n")[0].rstrip("; ")
    return f"{type(error).__name__}: {first_line(error)}"


def _line(trace: TracebackType | None, path: str) -> int:
    """The innermost line of the project's file."""
    line = 0
    while trace:
        if trace.tb_frame.f_code.co_filename.endswith(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
