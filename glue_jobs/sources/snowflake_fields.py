"""The columns of a SELECT from Snowflake, and the form in which their values are transferred."""

from __future__ import annotations

from dataclasses import dataclass

# Snowflake's type codes, as its connector numbers them.
FIXED, REAL, TEXT, DATE, LTZ, TZ, NTZ, BINARY, TIME, BOOLEAN = 0, 1, 2, 3, 6, 7, 8, 11, 12, 13
TIMESTAMPS = (4, LTZ, TZ, NTZ)
DOCUMENTS = (5, 9, 10)  # VARIANT, OBJECT, ARRAY
_INTEGERS = ("tinyint", "smallint", "int", "bigint")


@dataclass(frozen=True)
class Field:
    """One column of a SELECT: name, Snowflake's type code, precision and scale, and the contract's type."""

    name: str
    code: int
    precision: int
    scale: int
    contract_type: str

    def expression(self, column: str) -> str:
        """The SQL expression that is transferred.

        Timestamps become whole microseconds since 1970, UTC: Arrow's nanoseconds end in 2262, and unloaded
        Parquet keeps milliseconds only.
        """
        if self.code in TIMESTAMPS:
            return f"DATE_PART(EPOCH_MICROSECOND, {column})"
        if self.code in DOCUMENTS:
            return f"TO_JSON({column})"
        return f"TO_VARCHAR({column})" if self.code == TIME else column

    @property
    def is_integer(self) -> bool:
        """Whether a 64-bit integer may hold the values. Snowflake declares every INTEGER as NUMBER(38,0)."""
        return (
            self.code == FIXED
            and self.scale == 0
            and (self.precision <= 18 or self.contract_type in _INTEGERS)
        )
