"""Decides which rows break their contract, and names the rules that they break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract.conditions import conditions
from lakehouse.contracts import Contract

CORRUPT = "_corrupt"
REJECT = "_reject"
POSITION = "_source_position"
INVALID = "_bad"


@dataclass(frozen=True)
class FlaggedRows:
    """Aligned rows and the column that is true for a row that breaks its contract.

    The reasons are not known.
    """

    rows: DataFrame
    is_invalid: Column


@dataclass(frozen=True)
class ValidatedRows(FlaggedRows):
    """Flagged rows with the reasons. `explain` builds the column of reasons: an array of texts.

    The reasons are many expressions, so they are built only when there are invalid rows, and computed only
    for these.
    """

    explain: Callable[[], Column]

    @property
    def reasons(self) -> Column:
        """The rules that a row breaks, as `array<string>`."""
        return self.explain()


def validate_and_quarantine(rows: DataFrame, contract: Contract) -> ValidatedRows:
    """Checks aligned rows against every rule of the contract, in one condition.

    It neither drops nor counts rows: the write does both in its one pass.
    """
    rules = list(conditions(contract, rows.columns))
    broken = [condition for _, condition in rules]
    if REJECT in rows.columns:
        broken.append(f"{REJECT} IS NOT NULL")
    if CORRUPT in rows.columns:
        # A line that is not even its format has no columns to check against the rules.
        broken.append(f"{CORRUPT} IS NOT NULL")
    # A column of its own: the write counts, sorts and filters by it, and the rules are many.
    invalid = F.expr(" OR ".join(f"({condition})" for condition in broken) or "false")
    return ValidatedRows(rows.withColumn(INVALID, invalid), F.col(INVALID), lambda: _reasons(rows, rules))


def _reasons(rows: DataFrame, rules: list[tuple[str, str]]) -> Column:
    reasons = (
        F.array_compact(F.array(*[F.when(F.expr(broken), F.lit(name)) for name, broken in rules]))
        if rules
        else F.array()
    )
    if REJECT in rows.columns:
        reasons = F.concat(F.array_compact(F.array(F.col(REJECT))), reasons)
    if CORRUPT in rows.columns:
        unreadable = F.array(F.lit("format: the line cannot be read"))
        reasons = F.when(F.col(CORRUPT).isNotNull(), unreadable).otherwise(reasons)
    return reasons
