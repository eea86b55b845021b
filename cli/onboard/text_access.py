"""Opens text files on this machine as the ingest does; what cannot be read is an OnboardError."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cli.onboard.sample import OnboardError
from glue_jobs.sources.file_records import csv_records, text_lines
from glue_jobs.sources.file_text import UnreadableFileError, is_utf8, lines_of, reading
from lakehouse.contracts.file_forms import CsvForm

# A text in another encoding has hardly a line that is UTF-8 by chance.
_SOUND_LINES = 10


def encoding_of(files: list[Path]) -> str:
    """The encoding of all files: that of every byte, or UTF-8 where nearly all lines with accents are in it.

    A few bytes that are not UTF-8 are faults of their rows; another encoding would change all the others.
    """
    lines_in, lines_out = map(sum, zip(*map(_utf8_lines, files), strict=True))
    if lines_out * _SOUND_LINES <= lines_in:
        return "utf-8"
    return "windows-1252" if all(_is_in(file, "windows-1252") for file in files) else "iso-8859-1"


def texts(file: Path, encoding: str) -> Iterator[str]:
    """The lines of a file with their ends."""
    with file.open("rb") as raw:
        try:
            yield from lines_of(raw, file.name, encoding)
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


def _utf8_lines(file: Path) -> tuple[int, int]:
    """How many lines of a file have characters beyond ASCII, and how many are not UTF-8.

    Without its own mark, a file in UTF-16 is none; one with a mark is what the mark says.
    """
    form = CsvForm()
    sound = broken = 0
    for line in lines(file, form):
        if not line.isascii():
            is_sound = is_utf8(line)
            sound, broken = sound + is_sound, broken + (not is_sound)
    return sound, broken


def _is_in(file: Path, encoding: str) -> bool:
    """Whether every byte of a file is of an encoding, or of that which its byte order mark names."""
    form = CsvForm.model_validate({"encoding": encoding})
    try:
        return reading(lambda: all(map(is_utf8, lines(file, form))))
    except (UnreadableFileError, OnboardError):
        return False
