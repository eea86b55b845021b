"""Short ways to write a suite and to judge a frame by it."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import DataFrame

from glue_jobs.quality.compile import judge
from glue_jobs.quality.result import Result
from lakehouse.contracts import Expectation, Suite

RUN_DATE = date(2017, 1, 31)
TABLE = "silver.orders"


def rule(kind: str, severity: Any = "critical", **kwargs: Any) -> Expectation:
    return Expectation(type=kind, kwargs=kwargs, severity=severity)


def judged(
    df: DataFrame,
    *rules: Expectation,
    key: tuple[str, ...] = ("id",),
    tables: dict[str, DataFrame] | None = None,
) -> list[Result]:
    return judge(
        df,
        Suite(table=TABLE, expectations=list(rules)),
        run_date=RUN_DATE,
        tables=lambda name: (tables or {})[name],
        key=key,
    )
