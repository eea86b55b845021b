"""The result of one rule on one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakehouse.contracts import Expectation

# Keys of failing rows that a result carries at most.
MAX_SAMPLES = 5


@dataclass(frozen=True)
class Result:
    """One judged expectation. Counts mean what they mean in Great Expectations.

    `element_count` are the rows of the table, `missing_count` those that the rule ignores (nulls), and
    `unexpected_percent` is a share of the rest, None without a rest. A rule on the whole table has no
    unexpected rows: its counts are None, and `observed_value` is the value that was compared. `sample_keys`
    are the smallest primary keys of failing rows, each a JSON object. `exception` says why a rule could not
    be judged; such a rule has failed. `part` says which rows were judged, and `element_count` counts these;
    None is the whole table. `whole_value`: what the rule compares, of the whole table, where a part told it.
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
    part: str | None = None
    whole_value: Any = None


def counted(
    table: str, e: Expectation, rows: int, considered: int, unexpected: int, sample_keys: tuple[str, ...] = ()
) -> Result:
    """The result of a rule about rows.

    It passes when at least the share `mostly` of the considered rows keeps it, or when no row is considered.
    """
    # The same float arithmetic as Great Expectations, so that a share exactly on the bound is judged alike.
    success = considered == 0 or (float(considered) - float(unexpected)) / float(considered) >= e.mostly
    return Result(
        table,
        e.type,
        e.kwargs,
        e.severity,
        success,
        element_count=rows,
        missing_count=rows - considered,
        unexpected_count=unexpected,
        unexpected_percent=unexpected / considered * 100 if considered else None,
        sample_keys=sample_keys,
        why=e.why,
    )


def observed(table: str, e: Expectation, rows: int, success: bool, value: Any) -> Result:
    """The result of a rule about the whole table."""
    return Result(table, e.type, e.kwargs, e.severity, success, rows, observed_value=value, why=e.why)


def unjudged(table: str, e: Expectation, rows: int, reason: str) -> Result:
    """The result of a rule that does not fit the table."""
    return Result(table, e.type, e.kwargs, e.severity, False, rows, exception=reason, why=e.why)
