"""Parquet and Avro files without the rows of a person; with the schema and compression that they had."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

from cli.personal_data.subject import Subject
from glue_jobs.connections.staging import arrow
from glue_jobs.sources.columnar.columnar_objects import ColumnarFormat, reading
from lakehouse.contracts.spelling import folded


def columnar_without(
    data: bytes, form: ColumnarFormat, subject: Subject, names: tuple[str, ...]
) -> tuple[bytes, int]:
    """(the file without the person's rows, how many went). Raises UnreadableFileError for one of no rows."""
    work = _avro if form == "avro" else _parquet
    result: tuple[bytes, int] = reading(form, lambda: work(data, subject, names))
    return result


def _parquet(data: bytes, subject: Subject, names: tuple[str, ...]) -> tuple[bytes, int]:
    pa, parquet = arrow(), arrow("parquet")
    file = parquet.ParquetFile(io.BytesIO(data))
    table = file.read()
    spellings = {folded(name) for name in names}
    named = [name for name in table.column_names if folded(name) in spellings]
    keep = [not subject.is_in_row(row, names) for row in table.select(named).to_pylist()]
    if all(keep):
        return data, 0
    metadata = file.metadata
    compression = metadata.row_group(0).column(0).compression
    largest = max(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))
    out = io.BytesIO()
    rest = table.filter(pa.array(keep, pa.bool_()))
    parquet.write_table(rest, out, compression=compression, row_group_size=largest)
    return out.getvalue(), keep.count(False)


def _avro(data: bytes, subject: Subject, names: tuple[str, ...]) -> tuple[bytes, int]:
    fastavro = import_module("fastavro")
    reader = fastavro.reader(io.BytesIO(data))
    records: list[Any] = list(reader)
    rest = [r for r in records if not (isinstance(r, dict) and subject.is_in_row(r, names))]
    if len(rest) == len(records):
        return data, 0
    out = io.BytesIO()
    fastavro.writer(out, reader.writer_schema, rest, codec=reader.codec)
    return out.getvalue(), len(records) - len(rest)
