"""Exports a suite as an ExpectationSuite that Great Expectations 1.x loads and runs by itself.

A rule that only the platform has becomes an UnexpectedRowsExpectation: SQL that returns the rows that break
it. The export needs neither Spark nor Great Expectations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from glue_jobs.quality.export_sql import OWN_RULES
from lakehouse.contracts import Contract, Expectation, Suite
from lakehouse.contracts.regex import portable_pattern
from lakehouse.contracts.suite import stated_values

GX_VERSION = "1.24.0"
_DATE, _TIME = re.compile(r"^\d{4}-\d{2}-\d{2}$"), re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:")


def to_gx(
    suite: Suite,
    contract: Contract | None = None,
    *,
    run_date: date | None = None,
    table_name: Callable[[str], str] = lambda name: name,
) -> dict[str, Any]:
    """The suite as the JSON object that `ExpectationSuite(**…)` and a file-backed context take.

    `contract` has the types of the columns: a date may bound a timestamp. `run_date` is the day that
    freshness is measured from; without it, the day on which the query runs. `table_name` gives the name of
    another table in the SQL, such as a catalog's `database.table`.
    """
    return {
        "name": suite.table,
        "expectations": [_expectation(e, contract, run_date, table_name) for e in suite.expectations],
        "suite_parameters": {},
        "meta": {"great_expectations_version": GX_VERSION, "table": suite.table},
        "notes": None,
    }


def severity_of(severity: str) -> str:
    """The severity as Great Expectations spells it."""
    return {"warn": "warning"}.get(severity, severity)


def jsonable(value: Any) -> Any:
    """Dates and times as text that both Great Expectations and Spark read back."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    return [jsonable(v) for v in value] if isinstance(value, list | tuple) else value


def _expectation(
    e: Expectation, contract: Contract | None, run_date: date | None, table_name: Callable[[str], str]
) -> dict[str, Any]:
    meta: dict[str, Any] = {"why": e.why} if e.why else {}
    if e.type not in OWN_RULES:
        return {
            "type": e.type,
            "kwargs": jsonable(_portable(_times(e, contract))),
            "severity": severity_of(e.severity),
            "meta": meta,
        }
    sql = OWN_RULES[e.type](e.kwargs, run_date, table_name)
    meta |= {"lakehouse": {"type": e.type, "kwargs": jsonable(e.kwargs)}}
    return {
        "type": "unexpected_rows_expectation",
        "kwargs": {"unexpected_rows_query": sql, "description": f"{e.type} {jsonable(e.kwargs)}"},
        "severity": severity_of(e.severity),
        "meta": meta,
    }


def _portable(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments, where they mean the same in Great Expectations on Spark and on pandas.

    Both let a `$` match before a last line end. On Spark a null of a set makes everything one of its values.
    """
    regex = {"regex": portable_pattern(str(kwargs["regex"]))} if "regex" in kwargs else {}
    return {**kwargs, **regex, **({"value_set": stated_values(kwargs)} if "value_set" in kwargs else {})}


def _times(e: Expectation, contract: Contract | None) -> dict[str, Any]:
    """The arguments, where a date that bounds a time becomes its midnight.

    Great Expectations compares no time with a date.
    """
    column = contract.by_name.get(str(e.kwargs.get("column"))) if contract else None
    bounds = {k: jsonable(e.kwargs[k]) for k in ("min_value", "max_value") if k in e.kwargs}
    of_times = column is not None and column.type == "timestamp"
    beside_time = any(isinstance(v, str) and _TIME.match(v) for v in bounds.values())
    if not (of_times or beside_time):
        return dict(e.kwargs)
    return {
        **e.kwargs,
        **{k: f"{v} 00:00:00" for k, v in bounds.items() if isinstance(v, str) and _DATE.match(v)},
    }
