"""Which rows break their contract, and why."""

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
BAD = "_bad"


@dataclass(frozen=True)
class Checked:
    """Aligned rows, whether a row is bad, and its reasons: made only when there are bad rows, and computed only for these."""

    rows: DataFrame
    bad: Column
    why: Callable[[], Column]

    @property
    def reasons(self) -> Column:
        return self.why()


def validate_and_quarantine(rows: DataFrame, contract: Contract) -> Checked:
    """Every rule of the contract as one condition. Rows are neither dropped nor counted here: the write does both in its one pass."""
    rules = list(conditions(contract, rows.columns))
    broken = [condition for _, condition in rules]
    if REJECT in rows.columns:
        broken.append(f"{REJECT} IS NOT NULL")
    if CORRUPT in rows.columns:
        # A line that is not even its format has no columns to hold against the rules.
        broken.append(f"{CORRUPT} IS NOT NULL")
    # As a column: the write counts, sorts and filters by it, and the rules are many.
    bad = F.expr(" OR ".join(f"({condition})" for condition in broken) or "false")
    return Checked(rows.withColumn(BAD, bad), F.col(BAD), lambda: _named(rows, rules))


def _named(rows: DataFrame, rules: list[tuple[str, str]]) -> Column:
    named = (
        F.array_compact(F.array(*[F.when(F.expr(broken), F.lit(name)) for name, broken in rules]))
        if rules
        else F.array()
    )
    if REJECT in rows.columns:
        named = F.concat(F.array_compact(F.array(F.col(REJECT))), named)
    if CORRUPT in rows.columns:
        named = F.when(
            F.col(CORRUPT).isNotNull(), F.array(F.lit("format: the line cannot be read"))
        ).otherwise(named)
    return named
