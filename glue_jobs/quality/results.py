"""Writes results as rows of a Delta table, and as the JSON document that Great Expectations would write."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from glue_jobs.quality.export import jsonable, severity_of
from glue_jobs.quality.result import Result

RESULTS_DDL = (
    "run_id string, run_date date, job string, rule int, table_name string, expectation string, "
    "kwargs string, severity string, "
    "success boolean, element_count bigint, missing_count bigint, "
    "unexpected_count bigint, unexpected_percent double, observed_value string, "
    "sample_keys array<string>, exception string, why string, part string"
)

Row = tuple[Any, ...]


def to_rows(results: Sequence[Result], run_id: str, run_date: date, job: str) -> list[Row]:
    """One row per result in the columns of `RESULTS_DDL`. kwargs and observed value are JSON.

    `rule` counts from 0, so one call's (run_id, rule) is a key: give all results of a run at once.
    """
    return [
        (
            *(run_id, run_date, job, i, r.table, r.expectation, _json(r.kwargs), r.severity, r.success),
            *(r.element_count, r.missing_count, r.unexpected_count, r.unexpected_percent),
            *(
                None if r.observed_value is None else _json(r.observed_value),
                list(r.sample_keys),
                r.exception,
                r.why,
                r.part,
            ),
        )
        for i, r in enumerate(results)
    ]


def results_key(table: str, run_date: date, run_id: str) -> str:
    """The key of a table's document below `dq_results_root`: `silver/orders/dt=2017-01-31/run_id=….json`."""
    layer, name = table.split(".")
    return f"{layer}/{name}/dt={run_date.isoformat()}/run_id={run_id}.json"


def to_document(
    table: str, results: Sequence[Result], *, run_id: str, run_date: date, job: str, key: Sequence[str] = ()
) -> str:
    """A validation result of one table in the shape of Great Expectations 1.x.

    It holds keys of failing rows, never their values: people who may not see personal data may read the
    results.
    """
    passed = sum(r.success for r in results)
    document = {
        "success": passed == len(results),
        "results": [_validation(r, key) for r in results],
        "suite_name": table,
        "suite_parameters": {},
        "statistics": {
            "evaluated_expectations": len(results),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(results) - passed,
            "success_percent": 100 * passed / len(results) if results else None,
        },
        "meta": {
            "run_id": {"run_name": run_id, "run_time": run_date.isoformat()},
            "job": job,
            "table": table,
            "engine": "lakehouse",
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)


def _validation(r: Result, key: Sequence[str]) -> dict[str, Any]:
    return {
        "success": r.success,
        "expectation_config": {
            "type": r.expectation,
            "kwargs": jsonable(dict(r.kwargs)),
            "severity": severity_of(r.severity),
            "meta": {},
        },
        "result": {} if r.exception else _numbers(r, key),
        "meta": {"part": r.part} if r.part else {},
        "exception_info": {
            "raised_exception": r.exception is not None,
            "exception_message": r.exception,
            "exception_traceback": None,
        },
    }


def _numbers(r: Result, key: Sequence[str]) -> dict[str, Any]:
    if r.unexpected_count is None:
        return {"observed_value": _json_value(r.observed_value)}
    rows, missing = r.element_count, r.missing_count or 0
    return {
        "element_count": rows,
        "unexpected_count": r.unexpected_count,
        "unexpected_percent": r.unexpected_percent,
        "missing_count": missing,
        "missing_percent": missing / rows * 100 if rows else None,
        "unexpected_percent_total": r.unexpected_count / rows * 100 if rows else None,
        "unexpected_percent_nonmissing": r.unexpected_percent,
        "partial_unexpected_list": [],
        "unexpected_index_column_names": list(key),
        "partial_unexpected_index_list": [json.loads(k) for k in r.sample_keys],
    }


def _json(value: Any) -> str:
    return json.dumps(_json_value(value), ensure_ascii=False, allow_nan=False)


def _json_value(value: Any) -> Any:
    """JSON has no NaN, no infinity, no decimals and no dates."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    return jsonable(value) if isinstance(value, date | datetime | dict | list | tuple) else value
