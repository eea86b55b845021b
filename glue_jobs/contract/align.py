"""Source columns to contract columns: by name, never by position, and never with a loss that nobody sees."""

from __future__ import annotations

import re

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType

from glue_jobs.errors import RunError
from lakehouse.contracts import Contract

# A source type may become one of these without losing what it says; what overflows becomes a broken row.
_WHOLE = ("tinyint", "smallint", "int", "bigint")
_LOSSLESS = {
    # A warehouse has one kind of whole number; which of ours it is, the contract says.
    **dict.fromkeys(_WHOLE, ("decimal", *_WHOLE)),
    "decimal": ("decimal", *_WHOLE),
    "float": ("float", "double"),
    "date": ("date", "timestamp"),
    "timestamp_ntz": ("timestamp",),
}
RAW = "_raw_"
# Spark reads '2017' and '2017-1' as dates; a source that sends them has sent something else.
SHAPES = {
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "timestamp": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?$",
}


def align_to_schema(rows: DataFrame, contract: Contract, *, text: bool) -> DataFrame:
    """The contract's columns, in its order and types, then the source's own `_` columns and `_raw_<name>` of each that was cast.

    Text is parsed; a typed column may only widen. A source column of another kind is an error: the source was
    retyped, and a cast would shift what the rows say.
    """
    types = {f.name: f.dataType for f in rows.schema.fields}
    retyped = (
        []
        if text
        else [
            f"{c.name}: the source has {types[c.name].simpleString()}, the contract {c.type}"
            for c in contract.columns
            if not _fits(types[c.name], c.type)
        ]
    )
    if retyped:
        raise RunError(
            f"{contract.table}: retyped at the source; {'; '.join(retyped)}. State the new type in the contract, as a new version",
            code="RUN111",
        )
    own = [F.col(f"`{name}`") for name in rows.columns if name not in contract.by_name]
    raw = [
        F.col(f"`{c.name}`").alias(RAW + c.name)
        for c in contract.columns
        if types[c.name].simpleString() != c.type
    ]
    cast = [_cast(c.name, types[c.name].simpleString(), c.type).alias(c.name) for c in contract.columns]
    return rows.select(*cast, *own, *raw)


def _fits(source: DataType, wanted: str) -> bool:
    have = source.simpleString()
    if have in (wanted, "void"):
        return True
    return _family(wanted) in _LOSSLESS.get(_family(have), ())


def _family(simple: str) -> str:
    return re.split(r"[(<]", simple)[0]


def _cast(name: str, have: str, wanted: str) -> Column:
    if have == wanted:
        return F.col(f"`{name}`")
    if have == "string" and wanted in SHAPES:
        return F.when(F.col(f"`{name}`").rlike(SHAPES[wanted]), F.expr(f"try_cast(`{name}` as {wanted})"))
    if have == "string" and wanted == "string":
        return F.col(f"`{name}`")
    return F.expr(f"try_cast(`{name}` as {wanted})")
