"""Bounds as Great Expectations reads them: a number if it can be one, else a date, else a time."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import ByteType, DataType, DecimalType, IntegerType, LongType, ShortType

from glue_jobs.error_text import PublicError
from glue_jobs.instants import instant

Bound = float | date | datetime | None
# The arguments of a rule, as its suite states them.
Arguments = Mapping[str, Any]
INTEGRAL = (ByteType, ShortType, IntegerType, LongType)
_BEYOND_DECIMALS, _GREATEST = 10**38, sys.float_info.max


class RuleError(PublicError, ValueError):
    """A rule that does not fit the table that it is about."""


def bound(value: Any) -> Bound:
    """A bound as a number, a date or a time, whichever it can be first. A time without an offset is in UTC.

    Raises `RuleError` for any other value.
    """
    if value is None or isinstance(value, date):
        return in_utc(value) if isinstance(value, datetime) else value
    try:
        number = float(value)
        # A double would be another number.
        return value if isinstance(value, int) and int(number) != value else number
    except (TypeError, ValueError, OverflowError):
        pass
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            parsed = parse(str(value))
            return in_utc(parsed) if isinstance(parsed, datetime) else parsed
        except ValueError:
            continue
    raise RuleError(f"bound {value!r} is no number, date or time")


def in_utc(moment: datetime) -> datetime:
    """The moment, which is in UTC without an offset: so are all times of the platform.

    Raises `RuleError` for one that its offset moves out of the years 1 to 9999.
    """
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise RuleError(f"bound {moment} is outside of the years 1 to 9999 in UTC") from None


def both(kwargs: Arguments, *, needed: bool = True) -> tuple[Bound, Bound]:
    """(min_value, max_value).

    Raises `RuleError` when both are missing although one is `needed`, or when the first is the greater one.
    """
    low, high = bound(kwargs.get("min_value")), bound(kwargs.get("max_value"))
    if needed and low is None and high is None:
        raise RuleError("min_value and max_value cannot both be missing")
    if low is not None and high is not None and _comparable(low, high) > _comparable(high, low):
        raise RuleError(f"min_value {low} is greater than max_value {high}")
    return low, high


def literal(value: Bound, column: DataType) -> Column:
    """The bound in the column's own type.

    Spark would turn every decimal of the column into a double to compare it with one.
    """
    if isinstance(value, float | int) and _BEYOND_DECIMALS <= abs(value) < math.inf:
        # No decimal of Spark has so many digits; nor has a value of the column.
        return F.lit(math.copysign(min(abs(value), _GREATEST), value))
    if isinstance(value, float) and math.isfinite(value):
        if isinstance(column, DecimalType):
            # Spark compares a decimal that comes from a whole number as a long, and any other by way of
            # BigDecimal.
            whole = value.is_integer() and abs(value) < 10 ** min(15, column.precision - column.scale)
            return F.lit(int(value)).cast(column) if whole else F.lit(Decimal(repr(value)))
        if isinstance(column, INTEGRAL) and value.is_integer() and abs(value) < 2**63:
            return F.lit(int(value))
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return F.lit(Decimal(value))
    return instant(value) if isinstance(value, datetime) else F.lit(value)


def within(value: Any, low: Bound, high: Bound) -> bool:
    """Whether an observed value lies between the bounds; a missing one and NaN never do.

    Raises `RuleError` for values without an order.
    """
    if value is None or value != value:
        return False
    try:
        above = low is None or _comparable(value, low) >= _comparable(low, value)
        return above and (high is None or _comparable(value, high) <= _comparable(high, value))
    except TypeError as e:
        raise RuleError(f"{value!r} cannot be compared with {low if low is not None else high!r}") from e


def _comparable(value: Any, other: Any) -> Any:
    """A date beside a time is its midnight in UTC."""
    if isinstance(value, datetime):
        return in_utc(value)
    if isinstance(other, datetime) and isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value
