"""Reads files as the platform's ingest reads them: their form, their columns, and every value as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cli.landing.archives import files_in
from cli.onboard.columnar_files import columnar_form, read_columnar
from cli.onboard.json_values import KeyNames, json_object, json_sample
from cli.onboard.sample import OnboardError, Sample
from cli.onboard.text_files import read_text_files
from glue_jobs.sources.file_records import text_lines
from glue_jobs.sources.file_text import UnreadableFileError, lines_of, reading
from glue_jobs.sources.json_array import array_elements


def read_files(files: list[Path], most: int) -> Sample:
    """The rows of the files and of the files in archives, at most `most`. Raises OnboardError."""
    with ExitStack() as archives:
        members = [member for file in files for member in _members(file, archives)]
        return _read(members, most)


def _members(file: Path, archives: ExitStack) -> list[Path]:
    try:
        return reading(lambda: archives.enter_context(files_in(file)))
    except UnreadableFileError as fault:
        raise OnboardError(f"{file.name} {fault}") from None


def _read(files: list[Path], most: int) -> Sample:
    forms = {file: _form(file) for file in files}
    if len(set(forms.values())) > 1:
        several = ", ".join(sorted(set(forms.values())))
        raise OnboardError(f"the files are of several forms, {several}; onboard one form at a time")
    form = forms[files[0]]
    if form in ("parquet", "avro"):
        return read_columnar(files, form, most)
    return read_text_files(files, most) if form == "text" else _json(files, form, most)


def _form(file: Path) -> str:
    if form := columnar_form(file):
        return form
    first = next((r.text.lstrip() for r in _records(file) if r.text.strip()), "")
    return {"[": "json_array", "{": "json_lines"}.get(first[:1], "text")


def _records(file: Path, form: str = "json_lines") -> Iterator[Any]:
    parts = array_elements if form == "json_array" else text_lines
    with file.open("rb") as raw:
        try:
            yield from parts(lines_of(raw, file.name))
        except UnreadableFileError as fault:
            raise OnboardError(f"{file.name} {fault}") from None


def _json(files: list[Path], form: str, most: int) -> Sample:
    rows: list[dict[str, Any]] = []
    names = KeyNames()
    broken, whole = 0, True
    for record in (record for file in files for record in _records(file, form)):
        if len(rows) >= most:
            whole = False
            break
        row = names.of_contract(json_object(record.text))
        if row is None:
            broken += 1
        else:
            rows.append(row)
    if not rows:
        raise OnboardError("the files have no JSON object")
    return json_sample(form, rows, broken, whole=whole)
