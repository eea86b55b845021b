"""Runs the cases of a pipeline: calls the functions as a job does, and compares rows as the table stores
them.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from cli.pipeline.cases.reader import REJECT, Case, Row
from cli.pipeline.cases.typed_rows import typed_rows, types_of
from glue_jobs.contract import masked
from glue_jobs.errors import RunError, first_line
from glue_jobs.job_types.table_write import on_contract
from glue_jobs.sql_query import Query, statements_of
from glue_jobs.tables.read import without_deleted
from glue_jobs.user_code import function_of, load_module
from lakehouse.contracts import Contract
from lakehouse.contracts.masking import masks_on_read, masks_on_write
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.params import Param, check_param, evaluate
from lakehouse.pipelines.table_parameters import INJECTED_PARAMETERS, parameter_of, table_of
from lakehouse.project import project_root

# What `{{ run_id() }}` is in every case, so that a row may expect it; and the key that masks personal data.
RUN_ID = "00000000-0000-4000-8000-000000000000"
PII_KEY = "5a" * 32
Contracts = Mapping[str, Contract]
Values = tuple[str | None, ...]


@dataclass(frozen=True)
class TableResult:
    """One expected table of a case.

    Rows as text in the order of `columns`; `error` when the function failed.
    """

    case: str
    table: str
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    missing: list[Values] = field(default_factory=list)
    unexpected: list[Values] = field(default_factory=list)
    rows: int = 0
    error: str = ""

    @property
    def passed(self) -> bool:
        return not (self.missing or self.unexpected or self.error)


def run_case(spark: SparkSession, case: Case, contracts: Contracts) -> list[TableResult]:
    """Every expected table of a case, in the order of their names."""
    return [_run_table(spark, case, table, contracts) for table in sorted(case.expected)]


def _run_table(spark: SparkSession, case: Case, table: str, contracts: Contracts) -> TableResult:
    contract, job = contracts[table], case.jobs[table]
    try:
        result = _as_stored(_call(spark, case, table, job, contracts), contract)
        expected = case.expected[table]
        columns = _compared(expected, result, contract)
        expected_frame = typed_rows(spark, expected, contract, table).select(*_as_text(columns, contract))
        actual = Counter(tuple(row) for row in result.select(*_as_text(columns, contract)).collect())
        expected_rows = Counter(tuple(row) for row in expected_frame.collect())
    except Exception as error:
        # A function of a team may raise anything; the case fails, and the others run.
        return TableResult(case.name, table, error=f"{type(error).__name__}: {first_line(error)}")
    keys = tuple(c for c in contract.primary_key if c in columns)
    return TableResult(
        case.name,
        table,
        columns,
        keys,
        missing=list((expected_rows - actual).elements()),
        unexpected=list((actual - expected_rows).elements()),
        rows=len(expected),
    )


def _call(spark: SparkSession, case: Case, table: str, job: Job, contracts: Contracts) -> DataFrame:
    function = _function(job, table)
    parameters = list(inspect.signature(function).parameters)
    inputs = [table_of(p) for p in parameters if p not in INJECTED_PARAMETERS]
    given: dict[str, Any] = {"run_date": case.run_date, "spark": spark, "params": _params(job, case)}
    frames = {parameter_of(t): _input(spark, case, t, contracts[table], contracts) for t in inputs}
    return function(**frames, **{p: given[p] for p in parameters if p in INJECTED_PARAMETERS})


def _as_stored(rows: DataFrame, contract: Contract) -> DataFrame:
    """The columns that the function makes, with their types in the table; of versions the write makes some
    more.
    """
    if contract.lake.write != "scd2":
        return masked(on_contract(rows, contract), masks_on_write(contract), PII_KEY)
    columns = [c for c in contract.columns if c.name in rows.columns]
    return rows.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in columns])


def _function(job: Job, table: str) -> Callable[..., DataFrame]:
    statement = next((s for s in statements_of(job) if s.table == table), None)
    if statement is not None:
        return Query(statement)
    file = next((p.file for p in job.procs if p.file.endswith(".py")), None)
    if file is None or job.type is JobType.STREAM:
        raise RunError(f"{table} is made by no function or query of rows", code="RUN214")
    return function_of(load_module(project_root(), file), table)


def _input(spark: SparkSession, case: Case, table: str, target: Contract, contracts: Contracts) -> DataFrame:
    """Returns the rows of an input as the job reads them.

    Personal data of bronze is masked; deleted rows of silver are left out.
    """
    contract = contracts[table]
    rows = typed_rows(spark, case.inputs.get(table, []), contract, table)
    if contract.layer == "bronze":
        return masked(rows, masks_on_read(contract), PII_KEY)
    driving = target.lake.incremental_from or (table,)
    by_row = table in driving and target.lake.write in ("merge", "scd2")
    return rows if by_row or contract.layer != "silver" else without_deleted(rows, contract)


def _params(job: Job, case: Case) -> dict[str, Any]:
    values = {}
    for param in job.params:
        given = param if param.secure or param.name not in case.params else _replaced(param, case)
        values[param.name] = evaluate(given, run_date=case.run_date, run_id=RUN_ID, job_name=job.name)
    return values


def _replaced(param: Param, case: Case) -> Param:
    """The parameter with the value of the case."""
    replaced = replace(param, value=case.params[param.name])
    check_param(replaced)
    return replaced


def _compared(expected: list[Row], result: DataFrame, contract: Contract) -> tuple[str, ...]:
    """The columns that any expected row names, in the contract's order; the key when there is none."""
    named = {name for row in expected for name in row} or set(contract.primary_key)
    rejects = (REJECT,) if REJECT in result.columns else ()
    return (*(n for n in contract.column_names if n in named and n in result.columns), *rejects)


def _as_text(columns: tuple[str, ...], contract: Contract) -> list[Column]:
    """Values as text: both sides have the type of the contract, so equal texts are equal values."""
    types = types_of(contract)
    return [
        (
            F.to_json(F.col(c))
            if types[c].startswith(("array", "map", "struct"))
            else F.col(c).cast("string")
        ).alias(c)
        for c in columns
    ]
