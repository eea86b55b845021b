"""Parts the text of a landing file into records, with Python's own csv module as the judge of quotes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

from glue_jobs.sources.csv_dialect import CsvLines
from glue_jobs.sources.csv_shape import is_open, is_valid
from glue_jobs.sources.file_text import UnreadableFileError, is_utf8
from lakehouse.contracts.file_forms import CsvForm

# A few bytes of a compressed file may hold a line that no machine can: a longer record is none.
RFC_4180 = CsvForm()
MAX_CHARACTERS = 128 * 1024 * 1024


@dataclass(frozen=True)
class Record:
    """One record. `number`: of its first line, from 1. `text`: without its last line end.

    `cells`: its values; None for a record that does not follow RFC 4180 or holds NUL or U+FFFF, and in
    formats without cells.
    """

    number: int
    text: str
    cells: list[str] | None = None


def csv_records(lines: Iterable[str], form: CsvForm = RFC_4180) -> Iterator[Record]:
    """The records of a CSV file, the header first. Blank lines are none. A record's text is that of the file.

    Raises UnreadableFileError for a quote that is not closed: no record after it can be told from its value.
    """
    # Python's limit of a value is 128 KB.
    csv.field_size_limit(MAX_CHARACTERS)
    pending: list[str] = []
    following = 1
    dialect = None if form.has_rfc_quotes else CsvLines(_copied(lines, pending), form)
    plain = csv.reader(_copied(lines, pending), delimiter=form.delimiter)
    for cells in dialect.records() if dialect else plain:
        number, text = following, _without_end("".join(pending))
        following += len(pending)
        pending.clear()
        opens, follows = dialect.take() if dialect else (is_open(text, form.delimiter), None)
        if not text.strip(" "):
            continue
        if opens:
            raise UnreadableFileError(f"has a quote that line {number} opens and nothing closes")
        follows = is_valid(text, form.delimiter) if follows is None else follows
        # Spark's parser reads neither: a file that it reads is judged alike.
        is_whole = follows and is_utf8(text) and "\0" not in text and "\uffff" not in text
        yield Record(number, text, cells if is_whole else None)


def text_lines(lines: Iterable[str]) -> Iterator[Record]:
    """The lines of a file that are not blank."""
    for number, line in enumerate(lines, 1):
        check_length(len(line))
        text = _without_end(line)
        if text.strip(" "):
            yield Record(number, text)


def whole_text(lines: Iterable[str]) -> Iterator[Record]:
    """The whole file as one record."""
    parts: list[str] = []
    yield Record(1, "".join(_copied(lines, parts)))


def bounded_lines(text: IO[str]) -> Iterator[str]:
    """The lines of a text; a longer one than a record may be is cut, so that it never is in memory whole."""
    return iter(partial(text.readline, MAX_CHARACTERS), "")


def check_length(characters: int) -> None:
    """Raises UnreadableFileError for more characters than a record may have."""
    if characters >= MAX_CHARACTERS:
        raise UnreadableFileError(f"has a record of {MAX_CHARACTERS:,} characters or more")


def _copied(lines: Iterable[str], to: list[str]) -> Iterator[str]:
    """The lines; `to` gets them too, and is emptied by whoever has taken a record."""
    characters = 0
    for line in lines:
        characters = len(line) + (characters if to else 0)
        check_length(characters)
        to.append(line)
        yield line


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r") if line.endswith("\n") else line.removesuffix("\r")
