"""Aligns source columns to contract columns: by name, never by position, and never with a silent loss."""

from __future__ import annotations

import re

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType

from glue_jobs.errors import RunError
from lakehouse.contracts import Contract

# Each source type may become one of these types without a loss; a value that overflows makes its row invalid.
INTEGRAL_TYPES = ("tinyint", "smallint", "int", "bigint")
_LOSSLESS = {
    # A warehouse has one kind of whole number; the contract says which of ours it is.
    **dict.fromkeys(INTEGRAL_TYPES, ("decimal", *INTEGRAL_TYPES)),
    "decimal": ("decimal", *INTEGRAL_TYPES),
    "float": ("float", "double"),
    "date": ("date", "timestamp"),
    "timestamp_ntz": ("timestamp",),
}
RAW = "_raw_"
# Spark reads '2017' and '2017-1' as dates; a source that sends them means something else.
TIME_PATTERNS = {
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "timestamp": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?$",
}


def align_to_schema(rows: DataFrame, contract: Contract, *, text: bool) -> DataFrame:
    """The rows in the contract's columns, order and types.

    The source's own `_` columns follow, then `_raw_<name>` of each column that was cast. With `text`, values
    are parsed; otherwise a typed column may only widen. Raises RunError (RUN111) when a source column has
    another kind of type: a cast would change the meaning of the rows.
    """
    types = {f.name: f.dataType for f in rows.schema.fields}
    if not text:
        _refuse_retyped(contract, types)
    technical = [F.col(f"`{name}`") for name in rows.columns if name not in contract.by_name]
    raw = [
        F.col(f"`{c.name}`").alias(RAW + c.name)
        for c in contract.columns
        if types[c.name].simpleString() != c.type
    ]
    cast = [_cast(c.name, types[c.name].simpleString(), c.type).alias(c.name) for c in contract.columns]
    return rows.select(*cast, *technical, *raw)


def _refuse_retyped(contract: Contract, types: dict[str, DataType]) -> None:
    retyped = [
        f"{c.name}: the source has {types[c.name].simpleString()}, the contract {c.type}"
        for c in contract.columns
        if not _fits(types[c.name], c.type)
    ]
    if retyped:
        raise RunError(
            f"{contract.table}: retyped at the source; {'; '.join(retyped)}. "
            "State the new type in the contract, as a new version",
            code="RUN111",
        )


def _fits(source: DataType, contract_type: str) -> bool:
    source_type = source.simpleString()
    if source_type in (contract_type, "void"):
        return True
    return _family(contract_type) in _LOSSLESS.get(_family(source_type), ())


def _family(simple: str) -> str:
    return re.split(r"[(<]", simple)[0]


def _cast(name: str, source_type: str, contract_type: str) -> Column:
    if source_type == contract_type:
        return F.col(f"`{name}`")
    cast = F.expr(f"try_cast(`{name}` as {contract_type})")
    if source_type == "string" and contract_type in TIME_PATTERNS:
        return F.when(F.col(f"`{name}`").rlike(TIME_PATTERNS[contract_type]), cast)
    return cast
