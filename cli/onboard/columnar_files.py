"""Reads Parquet and Avro files, whose columns have types of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cli.onboard.sample import OnboardError, Sample, StatedType
from glue_jobs.connections.staging import arrow
from glue_jobs.sources.columnar.arrow_types import value_type
from glue_jobs.sources.columnar.arrow_values import texts_of
from glue_jobs.sources.columnar.columnar_objects import ColumnarFormat, opened_file, reading
from glue_jobs.sources.file_text import UnreadableFileError
from lakehouse.contracts.nested_types import NestedTypeError, nested_type

_MAGIC: dict[bytes, ColumnarFormat] = {b"PAR1": "parquet", b"Obj\x01": "avro"}
_BATCH_ROWS = 10_000


def columnar_form(file: Path) -> ColumnarFormat | None:
    """The form that the first bytes speak of; None for other files."""
    with file.open("rb") as raw:
        return _MAGIC.get(raw.read(4))


def read_columnar(files: list[Path], form: str, most: int) -> Sample:
    """The rows of the files, at most `most`. Raises OnboardError."""
    of: ColumnarFormat = "avro" if form == "avro" else "parquet"
    schema: Any = None
    rows: list[tuple[str | None, ...]] = []
    whole = True
    for file in files:
        for batch in _batches(file, of):
            schema = schema or batch.schema
            if batch.schema.names != schema.names:
                raise OnboardError(f"{file.name} has other columns than {files[0].name}")
            columns = [_texts(batch.column(n)) for n in range(batch.num_columns)]
            rows.extend(zip(*columns, strict=True))
            if len(rows) > most:
                del rows[most:]
                whole = False
                break
    if not rows:
        raise OnboardError("the files have no row that can be read")
    types = {field.name: _stated(field.type) for field in schema}
    return Sample({"format": form}, tuple(schema.names), rows, 0, whole, types=types)


def _batches(file: Path, form: ColumnarFormat) -> Iterator[Any]:
    with file.open("rb") as raw:
        try:
            opened = reading(form, lambda: opened_file(raw, form))
            batches = opened.batches(_BATCH_ROWS) if form == "avro" else opened.iter_batches(_BATCH_ROWS)
            while (batch := reading(form, lambda: next(batches, None))) is not None:
                yield batch
        except UnreadableFileError as fault:
            raise OnboardError(f"{file.name} {fault}") from None


def _texts(array: Any) -> list[str | None]:
    texts: list[str | None] = texts_of(array, "string").to_pylist()
    return texts


def _stated(kind: Any) -> StatedType:
    name = spark_type(kind)
    if name is None:
        return StatedType("string", doubt=f"its values are {kind}, which no column takes: it is a guess")
    if arrow().types.is_timestamp(kind) and kind.tz is None:
        return StatedType(name, doubt="its times name no zone and are taken as UTC")
    if arrow().types.is_null(kind):
        return StatedType(name, doubt="it has no value in these files: its type is a guess")
    return StatedType(name)


def spark_type(kind: Any) -> str | None:
    """The type of a column that takes every value of an Arrow type as it is; None where none does."""
    types, kind = arrow().types, value_type(kind)
    plain: list[tuple[Any, str]] = [
        (types.is_boolean, "boolean"),
        (types.is_date, "date"),
        (types.is_timestamp, "timestamp"),
        (types.is_binary, "binary"),
        (types.is_large_binary, "binary"),
        (types.is_fixed_size_binary, "binary"),
        (types.is_float64, "double"),
        (types.is_floating, "float"),
    ]
    if types.is_integer(kind):
        bits = kind.bit_width + (0 if types.is_signed_integer(kind) else 1)
        return "int" if bits <= 32 else "bigint" if bits <= 64 else "decimal(20,0)"
    if types.is_decimal(kind):
        fits = kind.precision <= 38 and kind.scale >= 0
        return f"decimal({kind.precision},{kind.scale})" if fits else None
    if types.is_nested(kind):
        return _nested(kind)
    return next((name for is_one, name in plain if is_one(kind)), "string")


def _nested(kind: Any) -> str | None:
    types = arrow().types
    if types.is_map(kind):
        parts = [spark_type(kind.item_type)]
        text = f"map<string,{parts[0]}>"
    elif types.is_struct(kind):
        parts = [spark_type(field.type) for field in kind]
        text = f"struct<{','.join(f'{f.name}:{p}' for f, p in zip(kind, parts, strict=True))}>"
    else:
        parts = [spark_type(kind.value_type)]
        text = f"array<{parts[0]}>"
    try:
        return text if None not in parts and nested_type(text) else None
    except NestedTypeError:
        return None
