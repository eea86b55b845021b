"""Reads one object of S3 as a stream, and parts its text into records; no Spark, so that executors run it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from glue_jobs.sources.csv_header import trimmed
from glue_jobs.sources.file_records import Record, bounded_lines, csv_records, text_lines, whole_text
from glue_jobs.sources.file_text import UnreadableFileError, is_utf8, open_texts, reading
from glue_jobs.sources.json_array import array_elements
from glue_jobs.sources.json_keys import object_keys
from glue_jobs.sources.object_reader import overwritten, s3_client
from glue_jobs.sources.source import SourceError
from lakehouse.contracts.file_forms import CsvForm, FixedForm, TextForm
from lakehouse.environments.model import Aws as AwsFacts

Format = Literal["csv", "json_lines", "json_array", "json_document", "fixed_width"]
# The header of a file that has none, and a record.
NO_HEADER = "(none)"
# The keys of a file's first lines tell its columns.
_SAMPLED_LINES = 100


@dataclass(frozen=True)
class FileReport:
    """A file that was read once. `fault`: why it cannot be read, else None.

    `header`: the cells of its first record, of CSV. `keys`: of its first lines, of JSON.
    """

    key: str
    fault: str | None
    header: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Objects:
    """Objects of one bucket and format. The facts travel to executors, which open clients of their own."""

    bucket: str
    form: Format
    facts: AwsFacts
    region: str | None
    text: TextForm = field(default_factory=lambda: CsvForm())

    def report(self, key: str, etag: str) -> FileReport:
        """Reads the object to its end and keeps none of it."""
        try:
            return reading(lambda: self._read_through(key, etag))
        except UnreadableFileError as fault:
            return FileReport(key, str(fault))

    def records(self, key: str, etag: str) -> Iterator[Record]:
        """The records of an object that can be read, without headers.

        Those of an archive are numbered through its files.
        """
        with self._texts(key, etag) as texts:
            read = 0
            for text in texts:
                before = read
                for number, record in enumerate(self._records(text)):
                    read = before + record.number + record.text.count("\n")
                    if number or not self._has_header:
                        yield replace(record, number=before + record.number) if before else record

    @property
    def _has_header(self) -> bool:
        if isinstance(self.text, CsvForm):
            return self.form == "csv" and self.text.header
        return isinstance(self.text, FixedForm) and self.text.header

    def _read_through(self, key: str, etag: str) -> FileReport:
        header: list[str] = []
        keys: dict[str, None] = {}
        binary = False
        with self._texts(key, etag) as texts:
            for text in texts:
                for number, record in enumerate(self._records(text)):
                    if self.form == "csv" and number == 0:
                        header = self._same_header(header, record)
                    elif self.form in ("json_lines", "json_array") and number < _SAMPLED_LINES:
                        keys.update(dict.fromkeys(object_keys(record.text)))
                    binary = binary or ("\0" in record.text and not is_utf8(record.text))
        if binary:
            raise UnreadableFileError("is not text: it has NUL beside bytes that are not UTF-8")
        return FileReport(key, None, tuple(header), tuple(keys))

    def _same_header(self, before: list[str], record: Record) -> list[str]:
        """The header of a file of an archive, which is that of the files before it."""
        header = _header(record) if self._has_header else [NO_HEADER]
        if before and trimmed(before) != trimmed(header):
            raise UnreadableFileError("is a ZIP archive whose files have different headers")
        return header

    @contextmanager
    def _texts(self, key: str, etag: str) -> Iterator[Iterator[Iterable[str]]]:
        from botocore.exceptions import ClientError

        try:
            reply = s3_client(self.facts, self.region).get_object(
                Bucket=self.bucket, Key=key, IfMatch=f'"{etag}"'
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in ("PreconditionFailed", "412"):
                raise
            raise overwritten(self.bucket, key) from None
        with io.BufferedReader(_Body(reply["Body"])) as raw:
            yield (bounded_lines(text) for text in open_texts(raw, key, self.text.encoding))

    def _records(self, text: Iterable[str]) -> Iterator[Record]:
        if isinstance(self.text, CsvForm) and self.form == "csv":
            return csv_records(text, self.text)
        if self.form == "fixed_width":
            return text_lines(text, self.text)
        return {"json_document": whole_text, "json_array": array_elements}.get(self.form, text_lines)(text)


class _Body(io.RawIOBase):
    """The body of an object; an error of the network is none of the file's bytes."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self._body.read(len(buffer))
        except Exception as error:
            raise SourceError(f"S3 stopped answering: {error}") from error
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _header(record: Record) -> list[str]:
    if record.cells is None:
        raise UnreadableFileError("has a header that is not UTF-8, or not a record of RFC 4180")
    return record.cells
