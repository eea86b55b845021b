"""Cases of a pipeline: rows in, rows expected. `pipelines/<name>/tests/<case>/` holds

- `input/<layer>.<table>.jsonl`: the rows of a table that a function reads; a table without a file is empty.
- `expected/<layer>.<table>.jsonl`: the rows that the table's function returns, in any order.
- `case.yml`, if wanted: `run_date` and `params`, the parameters that differ from the pipeline's own.

A row names the columns that matter: an input's other columns are null, an expected row's are not compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from lakehouse.contracts import Contract
from lakehouse.contracts.contract import METADATA
from lakehouse.pipelines import Job, Pipeline
from lakehouse.pipelines.job_type import JobType
from lakehouse.reading.check import check
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import read_text, read_yaml
from lakehouse.reading.strict_json import strict_json

CASES = "tests"
REJECT = "_reject"
# The logical date of a case that states none.
RUN_DATE = date(2024, 1, 1)
WITH_FUNCTIONS = (JobType.TRANSFORM, JobType.SQL, JobType.STREAM)
Row = dict[str, Any]


class CaseFile(BaseModel):
    """case.yml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    run_date: Annotated[date, Field(strict=False)] = RUN_DATE
    params: dict[str, str | int | float | bool] = Field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One folder of cases: rows by table, and the job that makes each expected table."""

    name: str
    pipeline: str
    run_date: date
    params: Mapping[str, str]
    inputs: dict[str, list[Row]] = field(default_factory=dict)
    expected: dict[str, list[Row]] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)


def read_cases(pipeline: Pipeline, contracts: Mapping[str, Contract], faults: Collector) -> list[Case]:
    """The cases of a pipeline by name, without those that cannot be read, which is noted in `faults`."""
    folder = faults.root / "pipelines" / pipeline.name / CASES
    folders = sorted(p for p in folder.glob("*") if p.is_dir() and not p.name.startswith((".", "_")))
    cases = [_read_case(f, pipeline, contracts, faults) for f in folders]
    return [case for case in cases if case]


def _read_case(
    folder: Path, pipeline: Pipeline, contracts: Mapping[str, Contract], faults: Collector
) -> Case | None:
    file = folder / "case.yml"
    located = read_yaml(file, faults) if file.is_file() else None
    declared = check(CaseFile, located, faults) if located else CaseFile()
    if declared is None:
        return None
    params = {name: _text(value) for name, value in declared.params.items()}
    case = Case(folder.name, pipeline.name, declared.run_date, params)
    case.inputs.update(_tables(folder / "input", contracts, faults))
    case.expected.update(_tables(folder / "expected", contracts, faults))
    if not case.expected:
        faults.add("LK308", "no rows are expected", file=folder, wanted="expected/<layer>.<table>.jsonl")
    for table in case.expected:
        _find_job(case, table, pipeline, folder / "expected" / f"{table}.jsonl", faults)
    return case


def _find_job(case: Case, table: str, pipeline: Pipeline, file: Path, faults: Collector) -> None:
    makers = {t: j for j in pipeline.jobs if j.type in WITH_FUNCTIONS for t in j.writes}
    if table in makers:
        case.jobs[table] = makers[table]
        return
    expected = f"one of {', '.join(makers) or 'no table'}"
    message = f"no function of pipeline '{pipeline.name}' makes {table}"
    faults.add("LK308", message, file=file, wanted=expected, value=table, among=list(makers))


def _tables(
    folder: Path, contracts: Mapping[str, Contract], faults: Collector
) -> Iterable[tuple[str, list[Row]]]:
    for file in sorted(folder.glob("*.jsonl")):
        contract = contracts.get(file.stem)
        if contract is None:
            message = f"'{file.stem}' is no table"
            faults.add(
                "LK308",
                message,
                file=file,
                wanted="<layer>.<table>.jsonl",
                value=file.stem,
                among=list(contracts),
            )
            continue
        columns = [*contract.column_names, *(name for name, _ in METADATA), REJECT]
        yield file.stem, _rows(file, columns, faults)


def _rows(file: Path, columns: list[str], faults: Collector) -> list[Row]:
    rows: list[Row] = []
    # Not splitlines(): a text may hold what Unicode counts among the ends of lines.
    for number, line in enumerate((read_text(file, faults) or "").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = _row(line)
        except ValueError as error:
            message, expected = f"is no row: {error}", "one JSON object a line"
            faults.add("LK002", message, file=file, at=(number, 0), wanted=expected)
            continue
        for name in [name for name in row if name not in columns]:
            message, expected, at = f"unknown column '{name}'", f"one of {', '.join(columns)}", (number, 0)
            faults.add("LK101", message, file=file, at=at, wanted=expected, value=name, among=columns)
        rows.append(row)
    return rows


def _row(line: str) -> Row:
    """A row. Raises ValueError for a line that is no JSON object."""
    # Numbers stay as written: 0.10 is a decimal with two places.
    row = strict_json(line, str)
    if not isinstance(row, dict):
        raise ValueError("it is no JSON object")
    return row


def _text(value: str | int | float | bool) -> str:
    return value if isinstance(value, str) else json.dumps(value)
