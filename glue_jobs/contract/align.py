"""Aligns source columns to contract columns: by name, never by position, and never with a silent loss."""

from __future__ import annotations

import re

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType

from glue_jobs.contract.file_texts import typed_value
from glue_jobs.contract.texts import INTEGRAL_TYPES
from glue_jobs.errors import RunError
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column as ContractColumn
from lakehouse.contracts.source_document import Source

# Each source type may become one of these types without a loss; a value that overflows makes its row invalid.
_LOSSLESS = {
    # A warehouse has one kind of whole number; the contract says which of ours it is.
    **dict.fromkeys(INTEGRAL_TYPES, ("decimal", *INTEGRAL_TYPES)),
    "decimal": ("decimal", *INTEGRAL_TYPES),
    "float": ("float", "double"),
    "date": ("date", "timestamp"),
    "timestamp_ntz": ("timestamp",),
}
RAW = "_raw_"


def align_to_schema(rows: DataFrame, contract: Contract, *, text: bool) -> DataFrame:
    """The rows in the contract's columns, order and types.

    The source's own `_` columns follow, then `_raw_<name>` of each column that was cast. With `text`, values
    are parsed; otherwise a typed column may only widen. A value that would be rounded becomes null, as one
    that does not fit. Raises RunError (RUN111) when a source column has
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
    source = contract.lake.source
    cast = [_cast(c, types[c.name].simpleString(), source).alias(c.name) for c in contract.columns]
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


def _cast(column: ContractColumn, source_type: str, source: Source | None) -> Column:
    value = f"`{column.name}`"
    if source_type == column.type:
        return F.col(value)
    if source_type == "string":
        return F.expr(typed_value(value, column, source))
    cast = f"try_cast({value} AS {column.type})"
    if _scale(source_type) > _scale(column.type):
        # Spark would round the places that the contract has not.
        return F.expr(f"CASE WHEN {cast} = {value} THEN {cast} END")
    return F.expr(cast)


def _scale(simple: str) -> int:
    digits = re.fullmatch(r"decimal\(\d+,(\d+)\)", simple)
    return int(digits[1]) if digits else 0
