"""Reads files as the platform's ingest reads them: their form, their columns, and every value as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from glue_jobs.sources.csv_header import trimmed
from glue_jobs.sources.file_records import csv_records, text_lines
from glue_jobs.sources.file_text import UnreadableFileError, is_utf8, open_text, reading
from glue_jobs.sources.json_array import array_elements
from lakehouse.contracts.file_forms import CsvForm
from lakehouse.contracts.spelling import folded

DELIMITERS = (",", ";", "\t", "|")
# Records that tell a file's delimiter.
SAMPLED = 200


class OnboardError(ValueError):
    """Files that no contract can be made from."""


@dataclass(frozen=True)
class Sample:
    """Files of one kind.

    `broken`: records that the ingest would quarantine. `whole`: no row was left out. `json_types`: of each
    column of JSON, the types of its values.
    """

    format: str
    csv: CsvForm
    columns: tuple[str, ...]
    rows: list[tuple[str | None, ...]]
    broken: int
    whole: bool
    json_types: dict[str, set[str]]


def read_files(files: list[Path], most: int) -> Sample:
    """The rows of the files, at most `most`. Raises OnboardError."""
    kinds = {file: _form(file) for file in files}
    if len(set(kinds.values())) > 1:
        raise OnboardError("some files are CSV, some JSON lines or JSON arrays; onboard one kind at a time")
    form = kinds[files[0]]
    return _csv(files, most) if form == "csv" else _json(files, form, most)


def _form(file: Path) -> str:
    first = next((r.text.lstrip() for r in _lines(file, "utf-8") if r.text.strip()), "")
    return {"[": "json_array", "{": "json_lines"}.get(first[:1], "csv")


def _lines(file: Path, encoding: str, form: str = "json_lines") -> Iterator[Any]:
    parts = array_elements if form == "json_array" else text_lines
    with file.open("rb") as raw:
        try:
            yield from parts(open_text(raw, file.name, encoding))
        except UnreadableFileError as fault:
            raise OnboardError(f"{file.name} {fault}") from None


def _csv(files: list[Path], most: int) -> Sample:
    encoding = next((e for e in ("utf-8", "windows-1252") if all(_is_in(f, e) for f in files)), "iso-8859-1")
    form = CsvForm.model_validate({"delimiter": _delimiter(files[0], encoding), "encoding": encoding})
    columns: dict[str, None] = {}
    rows: list[dict[str, str | None]] = []
    broken, whole = 0, True
    for file in files:
        records = _records(file, form)
        first = next(records, None)
        header = trimmed(first if first is not None else [])
        if len({folded(name) for name in header}) < len(header):
            raise OnboardError(f"{file.name} has a column twice in its header")
        columns |= dict.fromkeys(header)
        for cells in records:
            if len(rows) >= most:
                whole = False
                break
            if cells is None or len(cells) != len(header):
                broken += 1
            else:
                rows.append(dict(zip(header, (cell or None for cell in cells), strict=True)))
    if not rows:
        raise OnboardError("the files have no row that can be read")
    names = tuple(columns)
    return Sample("csv", form, names, [tuple(r.get(n) for n in names) for r in rows], broken, whole, {})


def _is_in(file: Path, encoding: str) -> bool:
    """Whether every byte of a file is of an encoding, or of that which its byte order mark names."""
    try:
        return reading(lambda: all(is_utf8(record.text) for record in _lines(file, encoding)))
    except UnreadableFileError:
        return False


def _records(file: Path, form: CsvForm) -> Iterator[list[str] | None]:
    with file.open("rb") as raw:
        try:
            for record in csv_records(open_text(raw, file.name, form.encoding), form.delimiter):
                yield record.cells
        except UnreadableFileError as fault:
            raise OnboardError(f"{file.name} {fault}") from None


def _delimiter(file: Path, encoding: str) -> str:
    """The delimiter by which most of the first records have as many values as the header."""

    def score(delimiter: str) -> tuple[float, int]:
        form = CsvForm.model_validate({"delimiter": delimiter, "encoding": encoding})
        records: list[list[str] | None] = []
        # A file that breaks off is told by what comes before.
        with suppress(OnboardError):
            records.extend(islice(_records(file, form), SAMPLED))
        width = len(records[0] or ()) if records else 0
        if width < 2:
            return (0.0, width)
        fitting = sum(cells is not None and len(cells) == width for cells in records)
        return (fitting / len(records), width)

    return max(DELIMITERS, key=score)


def _json(files: list[Path], form: str, most: int) -> Sample:
    rows: list[dict[str, Any]] = []
    broken, whole = 0, True
    for record in (record for file in files for record in _lines(file, "utf-8", form)):
        if len(rows) >= most:
            whole = False
            break
        try:
            value = json.loads(record.text, parse_float=_Number, parse_int=_Number)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            rows.append(value)
        else:
            broken += 1
    if not rows:
        raise OnboardError("the files have no JSON object")
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    kinds: dict[str, set[str]] = {
        name: {_kind(r[name]) for r in rows if r.get(name) is not None} for name in names
    }
    texts = [tuple(_text(row.get(name)) for name in names) for row in rows]
    return Sample(form, CsvForm(), names, texts, broken, whole, kinds)


class _Number(str):
    """A number of JSON with the digits that were sent."""


def _kind(value: object) -> str:
    if isinstance(value, _Number):
        return "number"
    return {bool: "boolean", str: "string"}.get(type(value), "nested")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
