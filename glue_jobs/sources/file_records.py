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
from lakehouse.contracts.file_forms import CsvForm, TextForm

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


class RecordLines:
    """The lines of a file on their way to a parser: those of the record that it reads are taken as its text.

    Without the lines before the header and comments, as `form` states them; `begins` counts the lines before
    the record.
    """

    def __init__(self, lines: Iterable[str], form: TextForm) -> None:
        self._lines, self._form = lines, form
        self._record: list[str] = []
        self.begins = 0

    def __iter__(self) -> Iterator[str]:
        characters = 0
        for line in self._lines:
            characters = len(line) + (characters if self._record else 0)
            check_length(characters)
            if not self._record and self._is_left_out(line):
                self.begins += 1
                continue
            self._record.append(line)
            yield line

    def take(self) -> tuple[int, str]:
        """(the number of the record's first line, from 1; the record without its last line end)."""
        number, text = self.begins + 1, _without_end("".join(self._record))
        self.begins += len(self._record)
        self._record.clear()
        return number, text

    def _is_left_out(self, line: str) -> bool:
        """A line of a value in quotes is never a comment."""
        comment = self._form.comment
        return self.begins < self._form.skip or (comment is not None and line.startswith(comment))


def csv_records(lines: Iterable[str], form: CsvForm = RFC_4180) -> Iterator[Record]:
    """The records of a CSV file, the header first. Blank lines are none. A record's text is that of the file.

    Raises UnreadableFileError for a quote that is not closed: no record after it can be told from its value.
    """
    # Python's limit of a value is 128 KB.
    csv.field_size_limit(MAX_CHARACTERS)
    read = RecordLines(lines, form)
    dialect = None if form.has_rfc_quotes else CsvLines(read, form)
    plain = csv.reader(read, delimiter=form.delimiter)
    for cells in dialect.records() if dialect else plain:
        number, text = read.take()
        opens, follows = dialect.take() if dialect else (is_open(text, form.delimiter), None)
        if not text.strip(" "):
            continue
        if opens:
            raise UnreadableFileError(f"has a quote that line {number} opens and nothing closes")
        follows = is_valid(text, form.delimiter) if follows is None else follows
        # Spark's parser reads neither: a file that it reads is judged alike.
        is_whole = follows and is_utf8(text) and "\0" not in text and "\uffff" not in text
        yield Record(number, text, cells if is_whole else None)


def text_lines(lines: Iterable[str], form: TextForm = RFC_4180) -> Iterator[Record]:
    """The lines of a file that are not blank, but for those that its form leaves out."""
    read = RecordLines(lines, form)
    for _ in read:
        number, text = read.take()
        if text.strip(" "):
            yield Record(number, text)


def whole_text(lines: Iterable[str]) -> Iterator[Record]:
    """The whole file as one record."""
    yield Record(1, "".join(RecordLines(lines, RFC_4180)))


def bounded_lines(text: IO[str]) -> Iterator[str]:
    """The lines of a text; a longer one than a record may be is cut, so that it never is in memory whole."""
    return iter(partial(text.readline, MAX_CHARACTERS), "")


def check_length(characters: int) -> None:
    """Raises UnreadableFileError for more characters than a record may have."""
    if characters >= MAX_CHARACTERS:
        raise UnreadableFileError(f"has a record of {MAX_CHARACTERS:,} characters or more")


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r") if line.endswith("\n") else line.removesuffix("\r")
