"""The columns of a select from Snowflake, and how their values travel."""

from __future__ import annotations

from dataclasses import dataclass

# Snowflake's type codes, as its connector numbers them.
FIXED, REAL, TEXT, DATE, LTZ, TZ, NTZ, BINARY, TIME, BOOLEAN = 0, 1, 2, 3, 6, 7, 8, 11, 12, 13
MOMENTS = (4, LTZ, TZ, NTZ)
DOCUMENTS = (5, 9, 10)  # VARIANT, OBJECT, ARRAY
_WHOLE = ("tinyint", "smallint", "int", "bigint")


@dataclass(frozen=True)
class Field:
    """One column of a select: the name it gets, Snowflake's type code, precision and scale, and what the contract wants."""

    name: str
    code: int
    precision: int
    scale: int
    wanted: str

    def expression(self, column: str) -> str:
        """Moments travel as whole microseconds since 1970, UTC: Arrow's nanoseconds end in 2262, and unloaded Parquet keeps milliseconds only."""
        if self.code in MOMENTS:
            return f"DATE_PART(EPOCH_MICROSECOND, {column})"
        if self.code in DOCUMENTS:
            return f"TO_JSON({column})"
        return f"TO_VARCHAR({column})" if self.code == TIME else column

    @property
    def whole(self) -> bool:
        """May it travel as a 64-bit integer? Snowflake declares every INTEGER as NUMBER(38,0)."""
        return self.code == FIXED and self.scale == 0 and (self.precision <= 18 or self.wanted in _WHOLE)
