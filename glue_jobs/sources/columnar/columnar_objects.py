"""Reads Parquet and Avro objects of S3 as batches of Arrow; no Spark, so that executors run it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from glue_jobs.connections.staging import arrow
from glue_jobs.sources.columnar.avro_files import AvroFile
from glue_jobs.sources.file_text import UnreadableFileError
from glue_jobs.sources.landing_position import LandingFile
from glue_jobs.sources.object_reader import ObjectReader, s3_client
from lakehouse.environments.model import Aws as AwsFacts

ColumnarFormat = Literal["parquet", "avro"]
_BATCH_ROWS = 10_000
# A task reads about this much of a file.
_PART_BYTES = 128 * 1024 * 1024
_BUFFER = 1 << 20


@dataclass(frozen=True)
class Part:
    """Row groups `first` to `last` of a Parquet file, or a whole Avro file. `row`: its first row's number."""

    key: str
    etag: str
    size: int
    first: int
    last: int
    row: int


@dataclass(frozen=True)
class ColumnarReport:
    """A file whose columns are known. `fault`: why it cannot be read, else None."""

    key: str
    fault: str | None
    schema: Any = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class ColumnarObjects:
    """Objects of one bucket and format. The facts travel to executors, which open clients of their own."""

    bucket: str
    form: ColumnarFormat
    facts: AwsFacts
    region: str | None

    def report(self, file: LandingFile) -> ColumnarReport:
        """The columns of a file and the parts that tasks read, from its footer or header."""
        whole = Part(file.key, file.etag, file.size, 0, -1, 0)
        try:
            opened = reading(self.form, lambda: self._open(whole))
        except UnreadableFileError as fault:
            return ColumnarReport(file.key, str(fault))
        if self.form == "avro":
            return ColumnarReport(file.key, None, opened.schema, (whole,))
        return ColumnarReport(file.key, None, opened.schema_arrow, tuple(_parts(whole, opened.metadata)))

    def batches(self, part: Part, columns: list[str]) -> Iterator[tuple[int, Any]]:
        """(number of the first row from 0, rows) of a part. Raises UnreadableFileError."""
        opened = reading(self.form, lambda: self._open(part))
        if self.form == "avro":
            rows = opened.batches(_BATCH_ROWS)
        else:
            # A name with a point would be taken for a path into a struct.
            named = None if any("." in name for name in columns) else columns
            groups = list(range(part.first, part.last + 1))
            rows = opened.iter_batches(_BATCH_ROWS, row_groups=groups, columns=named)
        number = part.row
        while (batch := reading(self.form, lambda: next(rows, None))) is not None:
            yield number, batch
            number += batch.num_rows

    def _open(self, part: Part) -> Any:
        s3 = s3_client(self.facts, self.region)
        raw = io.BufferedReader(ObjectReader(s3, self.bucket, part.key, part.etag, part.size), _BUFFER)
        return opened_file(raw, self.form)


def columns_of(raw: Any, form: ColumnarFormat) -> Any:
    """The schema of a file, as Arrow has it. Raises UnreadableFileError."""
    opened = reading(form, lambda: opened_file(raw, form))
    return opened.schema if form == "avro" else opened.schema_arrow


def opened_file(raw: Any, form: ColumnarFormat) -> Any:
    """A ParquetFile or an AvroFile, with its columns read."""
    return (
        AvroFile(raw)
        if form == "avro"
        else arrow("parquet").ParquetFile(raw, page_checksum_verification=True)
    )


def reading(form: str, work: Callable[[], Any]) -> Any:
    """The result of `work`, which reads a file; a fault of its bytes becomes an UnreadableFileError."""
    pa = arrow()
    try:
        return work()
    except UnreadableFileError:
        raise
    except (pa.ArrowException, OSError, EOFError, ValueError, LookupError, TypeError) as error:
        # The text of an error may hold a value of the file.
        raise UnreadableFileError(f"cannot be read as {form.title()} ({type(error).__name__})") from None


def _parts(whole: Part, metadata: Any) -> Iterator[Part]:
    first, row, size, rows = 0, 0, 0, 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        size, rows = size + group.total_byte_size, rows + group.num_rows
        if size >= _PART_BYTES or number == metadata.num_row_groups - 1:
            yield Part(whole.key, whole.etag, whole.size, first, number, row)
            first, row, size, rows = number + 1, row + rows, 0, 0
