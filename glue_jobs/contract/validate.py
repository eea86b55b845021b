"""Which rows break their contract, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract.align import RAW
from schemas import Contract

CORRUPT = "_corrupt"
REJECT = "_reject"
POSITION = "_source_position"
BAD = "_bad"
WHOLE = ("tinyint", "smallint", "int", "bigint")


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
    rules = list(_rules(rows, contract))
    flags = [broken for _, broken in rules]
    bad = _any(flags)
    if REJECT in rows.columns:
        bad = bad | F.col(REJECT).isNotNull()
    if CORRUPT in rows.columns:
        # A line that is not even its format has no columns to hold against the rules.
        bad = bad | F.col(CORRUPT).isNotNull()
    # As a column: the write counts, sorts and filters by it, and the rules are many.
    return Checked(rows.withColumn(BAD, bad), F.col(BAD), lambda: _named(rows, rules))


def _named(rows: DataFrame, rules: list[tuple[str, Column]]) -> Column:
    named = F.array_compact(F.array(*[F.when(broken, F.lit(name)) for name, broken in rules])) if rules else F.array()
    if REJECT in rows.columns:
        named = F.concat(F.array_compact(F.array(F.col(REJECT))), named)
    if CORRUPT in rows.columns:
        named = F.when(F.col(CORRUPT).isNotNull(), F.array(F.lit("format: the line cannot be read"))).otherwise(named)
    return named


def _any(flags: list[Column]) -> Column:
    out = F.lit(False)
    for flag in flags:
        out = out | flag
    return out


def _rules(rows: DataFrame, contract: Contract) -> Iterator[tuple[str, Column]]:
    """(name of the rule, condition that is true — never null — for a row that breaks it)."""
    for column in contract.columns:
        value = F.col(f"`{column.name}`")
        raw = f"{RAW}{column.name}"
        unparsed = F.lit(False)
        if raw in rows.columns:
            unparsed = value.isNull() & F.col(f"`{raw}`").isNotNull()
            yield f"{column.name}: type {column.type}", unparsed
        for rule, bound in column.rules():
            if rule == "required":
                yield f"{column.name}: required", value.isNull() & ~unparsed
            else:
                broken, shown = _BROKEN[rule](value, _typed(bound, column.type)), bound if rule != "format" else column.schema.format
                yield f"{column.name}: {rule} {shown}", value.isNotNull() & broken


def _typed(bound: Any, wanted: str) -> Any:
    """A number as the column's own kind where it is one: against any other Spark would widen every value of the column first."""
    if not isinstance(bound, int | float) or isinstance(bound, bool):
        return bound
    exact = Decimal(str(bound))
    if wanted in WHOLE:
        return F.lit(int(exact)) if exact == int(exact) else bound
    digits = re.fullmatch(r"decimal\((\d+),(\d+)\)", wanted)
    if digits is None:
        return bound
    precision, scale = map(int, digits.groups())
    if exact != round(exact, scale) or abs(exact) >= Decimal(10) ** (precision - scale):
        return bound
    # Spark compares a decimal that was made from a whole number as a long, and any other by way of BigDecimal.
    return F.lit(int(exact) if exact == int(exact) else exact).cast(wanted)


_BROKEN: dict[str, Callable[[Column, Any], Column]] = {
    "format": lambda v, b: ~v.rlike(b),
    "pattern": lambda v, b: ~v.rlike(b),
    "enum": lambda v, b: ~v.isin([x for x in b if x is not None]),
    "minimum": lambda v, b: v < F.lit(b),
    "maximum": lambda v, b: v > F.lit(b),
    "exclusive_minimum": lambda v, b: v <= F.lit(b),
    "exclusive_maximum": lambda v, b: v >= F.lit(b),
    # Bytes are known, characters must be counted: of at most four bytes each, and at least one.
    "min_length": lambda v, b: (F.octet_length(v) < 4 * b) & (F.length(v) < b),
    "max_length": lambda v, b: (F.octet_length(v) > b) & (F.length(v) > b),
}
