"""What one rule found in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakehouse.contracts import Expectation

# How many keys of failing rows a result carries.
SAMPLES = 5


@dataclass(frozen=True)
class Result:
    """One judged expectation. Counts mean what they mean in Great Expectations.

    `element_count` is the rows of the table, `missing_count` those that the rule ignores (nulls), `unexpected_percent` is of the rest and
    None when there is no rest. Rules on the whole table have no unexpected rows: their counts are None and `observed_value` is what was
    compared. `sample_keys` are the smallest primary keys of failing rows, each a JSON object. `exception` says why a rule could not be
    judged at all; such a rule has failed.
    """

    table: str
    expectation: str
    kwargs: Mapping[str, Any]
    severity: str
    success: bool
    element_count: int
    missing_count: int | None = None
    unexpected_count: int | None = None
    unexpected_percent: float | None = None
    observed_value: Any = None
    sample_keys: tuple[str, ...] = ()
    exception: str | None = None
    why: str | None = None


def counted(
    table: str, e: Expectation, rows: int, considered: int, unexpected: int, sample_keys: tuple[str, ...] = ()
) -> Result:
    """The result of a rule about rows: it holds if at least `mostly` of the rows it considers keep it, and over no rows at all."""
    # The same float arithmetic as Great Expectations, so that a share on the very bound is judged alike.
    success = considered == 0 or (float(considered) - float(unexpected)) / float(considered) >= e.mostly
    percent = unexpected / considered * 100 if considered else None
    return Result(
        table,
        e.type,
        e.kwargs,
        e.severity,
        success,
        rows,
        rows - considered,
        unexpected,
        percent,
        sample_keys=sample_keys,
        why=e.why,
    )


def observed(table: str, e: Expectation, rows: int, success: bool, value: Any) -> Result:
    """The result of a rule about the whole table."""
    return Result(table, e.type, e.kwargs, e.severity, success, rows, observed_value=value, why=e.why)


def unjudged(table: str, e: Expectation, rows: int, reason: str) -> Result:
    """The result of a rule that does not fit the table."""
    return Result(table, e.type, e.kwargs, e.severity, False, rows, exception=reason, why=e.why)
