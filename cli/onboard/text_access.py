"""Opens text files on this machine as the ingest does; what cannot be read is an OnboardError."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cli.onboard.sample import OnboardError
from glue_jobs.sources.file_records import csv_records, text_lines
from glue_jobs.sources.file_text import UnreadableFileError, is_utf8, open_text, reading
from lakehouse.contracts.file_forms import CsvForm


def encoding_of(files: list[Path]) -> str:
    """The encoding that every byte of all files is of."""
    usual = ("utf-8", "windows-1252")
    return next((e for e in usual if all(_is_in(file, e) for file in files)), "iso-8859-1")


def texts(file: Path, encoding: str) -> Iterator[str]:
    """The lines of a file with their ends."""
    with file.open("rb") as raw:
        try:
            yield from open_text(raw, file.name, encoding)
        except UnreadableFileError as fault:
            raise OnboardError(f"{file.name} {fault}") from None


def lines(file: Path, form: CsvForm) -> Iterator[str]:
    """The lines of a file that are not blank, but for those that its form leaves out."""
    for record in text_lines(texts(file, form.encoding), form):
        yield record.text


def records(file: Path, form: CsvForm) -> Iterator[list[str] | None]:
    """The cells of each record of CSV, the header first; None for a broken one."""
    try:
        for record in csv_records(texts(file, form.encoding), form):
            yield record.cells
    except UnreadableFileError as fault:
        raise OnboardError(f"{file.name} {fault}") from None


def _is_in(file: Path, encoding: str) -> bool:
    """Whether every byte of a file is of an encoding, or of that which its byte order mark names."""
    form = CsvForm.model_validate({"encoding": encoding})
    try:
        return reading(lambda: all(map(is_utf8, lines(file, form))))
    except (UnreadableFileError, OnboardError):
        return False
