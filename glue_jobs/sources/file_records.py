"""Parts the text of a landing file into records, with Python's own csv module as the judge of quotes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from glue_jobs.sources.csv_shape import is_open, is_valid
from glue_jobs.sources.file_text import UnreadableFileError, is_utf8

# Python's limit of a value is 128 KB; ours is what Java takes for one value.
_MAX_VALUE = 2**31 - 1


@dataclass(frozen=True)
class Record:
    """One record. `number`: of its first line, from 1. `text`: without its last line end.

    `cells`: its values; None for a record that does not follow RFC 4180, and in formats without cells.
    """

    number: int
    text: str
    cells: list[str] | None = None


def csv_records(lines: Iterable[str], delimiter: str = ",") -> Iterator[Record]:
    """The records of a CSV file, the header first. Blank lines are none.

    Raises UnreadableFileError for a quote that is not closed: no record after it can be told from its value.
    """
    csv.field_size_limit(_MAX_VALUE)
    pending: list[str] = []
    following = 1
    for cells in csv.reader(_copied(lines, pending), delimiter=delimiter):
        number, text = following, _without_end("".join(pending))
        following += len(pending)
        pending.clear()
        if not text.strip(" "):
            continue
        if is_open(text, delimiter):
            raise UnreadableFileError(f"has a quote that line {number} opens and nothing closes")
        yield Record(number, text, cells if is_valid(text, delimiter) and is_utf8(text) else None)


def text_lines(lines: Iterable[str]) -> Iterator[Record]:
    """The lines of a file that are not blank."""
    for number, line in enumerate(lines, 1):
        text = _without_end(line)
        if text.strip(" "):
            yield Record(number, text)


def whole_text(lines: Iterable[str]) -> Iterator[Record]:
    """The whole file as one record."""
    yield Record(1, "".join(lines))


def _copied(lines: Iterable[str], to: list[str]) -> Iterator[str]:
    for line in lines:
        to.append(line)
        yield line


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r") if line.endswith("\n") else line.removesuffix("\r")
