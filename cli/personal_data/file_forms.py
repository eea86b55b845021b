"""The bytes of a landing or quarantine file without the rows of a person; packed and encoded as before."""

from __future__ import annotations

import codecs
import csv
import io
import json
from typing import Any

from cli.personal_data.columnar_forms import columnar_without
from cli.personal_data.packing import is_archive, packed, rewritten, unpacked
from cli.personal_data.subject import Subject
from glue_jobs.sources.csv_dialect import CsvLines
from glue_jobs.sources.file_records import RecordLines
from glue_jobs.sources.file_text import UnreadableFileError
from glue_jobs.sources.json_array import array_elements
from lakehouse.contracts.file_forms import CsvForm, FixedForm, TextForm

_MAX_VALUE = 2**31 - 1  # bytes in a value of CSV; Python's own limit is 128 KB
# UTF-32's mark begins with that of UTF-16, so it comes first.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PLAIN = CsvForm()


def without(
    data: bytes, key: str, form: str, subject: Subject, names: tuple[str, ...], written: TextForm = _PLAIN
) -> tuple[bytes, int]:
    """(the file without the person's rows, how many went); packed and encoded as it was.

    Raises UnreadableFileError for a file that holds the person, or may hold them, and cannot be rewritten.
    """
    if form in ("parquet", "avro"):
        return columnar_without(data, "avro" if form == "avro" else "parquet", subject, names)
    if is_archive(data, key):
        return rewritten(data, lambda file, name: without(file, name, form, subject, names, written))
    plain, kind = unpacked(data, key)
    usual = written.encoding if form in ("csv", "fixed_width") else "utf-8"
    bom, encoding = next(((b, e) for b, e in _BOMS if plain.startswith(b)), (b"", usual))
    body = plain.removeprefix(bom)
    if encoding != "utf-8":
        try:
            body = body.decode(encoding).encode()
        except UnicodeDecodeError:
            raise UnreadableFileError(f"is not {encoding}, as its mark or its source says") from None
    elif _is_binary(plain):
        raise UnreadableFileError("is no text")
    rest, rows = _by_form(form, body, subject, names, written)
    if not rows:
        return data, 0
    encoded = bom + (rest if encoding == "utf-8" else rest.decode().encode(encoding))
    return packed(encoded, kind), rows


def _is_binary(data: bytes) -> bool:
    if data.startswith((b"PK\x03\x04", b"PAR1", b"Obj\x01")):
        return True
    try:
        return b"\0" in data and not data.decode()
    except UnicodeDecodeError:
        return True


def _by_form(
    form: str, body: bytes, subject: Subject, names: tuple[str, ...], written: TextForm
) -> tuple[bytes, int]:
    csv_form = written if isinstance(written, CsvForm) else _PLAIN
    if form in ("json_lines", "cdc"):
        return json_lines_without(body, subject, names, csv_form.delimiter)
    if form == "csv":
        return csv_without(body, subject, names, csv_form)
    if form == "fixed_width" and isinstance(written, FixedForm):
        return fixed_without(body, subject, names, written)
    if form == "json_array":
        return json_array_without(body, subject, names)
    if subject.is_mentioned(body.decode("utf-8", "replace")):
        raise UnreadableFileError("has no lines of which each is a row")
    return body, 0


def json_lines_without(
    data: bytes, subject: Subject, names: tuple[str, ...], delimiter: str = ","
) -> tuple[bytes, int]:
    """(the lines that are not of the person, how many are).

    Of a quarantined row its `row` and `raw` are looked at; `delimiter` parts a raw record of CSV.
    """
    lines = data.splitlines(keepends=True)
    rest = [line for line in lines if not _is_of(line, subject, names, delimiter)]
    return b"".join(rest), len(lines) - len(rest)


def json_array_without(data: bytes, subject: Subject, names: tuple[str, ...]) -> tuple[bytes, int]:
    """The same for a JSON array. Raises UnreadableFileError for a file that is none and has the value."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        elements = [record.text for record in array_elements(io.StringIO(text, newline=""))]
    except UnreadableFileError:
        if subject.is_mentioned(text):
            raise
        return data, 0
    rest = [e for e in elements if not _is_of(e.encode("utf-8", "surrogateescape"), subject, names, ",")]
    array = "[" + ",\n".join(rest) + "]\n"
    return array.encode("utf-8", "surrogateescape"), len(elements) - len(rest)


def _is_of(line: bytes, subject: Subject, names: tuple[str, ...], delimiter: str) -> bool:
    text = line.decode("utf-8", "replace")
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return subject.is_in_text(text, names) or _is_in_cells(text, subject, delimiter)
    if not isinstance(document, dict):
        return False
    inner = document.get("row")
    if isinstance(inner, dict) and "reasons" in document:
        raw = str(document.get("raw") or "")
        in_raw = subject.is_in_text(raw, names) or _is_in_cells(raw, subject, delimiter)
        return subject.is_in_row(inner, names) or in_raw
    return subject.is_in_row(document, names) or any(
        # An envelope of CDC holds the row as it was and as it is.
        isinstance(part, dict) and subject.is_in_row(part, names)
        for part in document.values()
    )


def _is_in_cells(raw: str, subject: Subject, delimiter: str) -> bool:
    """Whether a line that broke off, or that is CSV, has a cell of this value: nothing says which column."""
    return not raw.lstrip().startswith(("{", "[")) and any(
        subject.is_of(c.strip('" ')) or subject.is_of(c.strip("' ")) for c in raw.split(delimiter)
    )


def csv_without(
    data: bytes, subject: Subject, names: tuple[str, ...], form: CsvForm = _PLAIN
) -> tuple[bytes, int]:
    """The same for CSV; a row may go over several lines.

    A record with more or fewer cells than the header is of the person when any of its cells is. Raises
    UnreadableFileError for a quote that nothing closes in a file that has the value.
    """
    csv.field_size_limit(_MAX_VALUE)
    lines = data.splitlines(keepends=True)
    texts = [line.decode("utf-8", "replace") for line in lines]
    begin, rest, gone = 0, list[bytes](), 0
    read = RecordLines(texts, form)
    records = CsvLines(read, form)
    header = [] if form.header else list(form.columns)
    for fields in records.records():
        first = read.take()[0] - 1
        # What stands before the header, and comments, are no rows.
        rest += lines[begin:first]
        raw, begin = lines[first : read.begins], read.begins
        opens, _ = records.take()
        if opens:
            if subject.is_mentioned("".join(texts)):
                raise UnreadableFileError("has a quote that nothing closes")
            return data, 0
        if not header:
            header = list(form.columns) or [name.lstrip("\ufeff").strip() for name in fields]
            rest += raw
        elif _is_record_of(fields, header, subject, names):
            gone += 1
        else:
            rest += raw
    return b"".join([*rest, *lines[begin:]]), gone


def fixed_without(
    data: bytes, subject: Subject, names: tuple[str, ...], form: FixedForm
) -> tuple[bytes, int]:
    """The same for lines of fixed width. `data` is UTF-8."""
    lines = data.splitlines(keepends=True)
    before = form.skip + int(form.header)
    rest = lines[:before]
    for line in lines[before:]:
        text = line.decode("utf-8", "replace")
        row = {name: text[first - 1 : last].strip() for name, (first, last) in form.fields.items()}
        if not subject.is_in_row(row, names):
            rest.append(line)
    return b"".join(rest), len(lines) - len(rest)


def _is_record_of(fields: list[str], header: list[str], subject: Subject, names: tuple[str, ...]) -> bool:
    if len(fields) == len(header):
        return subject.is_in_row(dict(zip(header, fields, strict=True)), names)
    return any(subject.is_of(value) for value in fields)
