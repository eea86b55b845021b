"""Reads CSV whose quotes are not written as RFC 4180 says, by writing its lines as RFC 4180 does."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

from glue_jobs.sources.csv_shape import is_open, is_valid
from lakehouse.contracts.file_forms import CsvForm

_QUOTE = '"'


class CsvLines:
    """The lines of a CSV file as RFC 4180 writes them, and its records as Python's csv module parts them.

    After each record `take` says how it was written.
    """

    def __init__(self, lines: Iterable[str], form: CsvForm) -> None:
        self._lines, self._form = lines, form
        self._record: list[str] = []
        self._inside = False
        quote = re.escape(form.quote)
        self._signs = re.compile(rf"\\[\\{quote}]|{quote}") if form.escape else None
        # Each sign for the other: what is no quote in the file is no quote in the parser either.
        self._swap = {ord("'"): _QUOTE, ord(_QUOTE): "'"} if form.quote == "'" else None

    def records(self) -> Iterator[list[str]]:
        """The cells of each record. A record of signs that are no quotes is one line."""
        if self._form.quote == "none":
            yield from csv.reader(self._lines, delimiter=self._form.delimiter, quoting=csv.QUOTE_NONE)
            return
        for cells in csv.reader(self._as_rfc(), delimiter=self._form.delimiter):
            yield [cell.translate(self._swap) for cell in cells] if self._swap else cells

    def take(self) -> tuple[bool, bool]:
        """(whether the record before ends inside quotes, whether it follows the rules of quotes)."""
        text = "".join(self._record).rstrip("\r\n")
        self._record.clear()
        self._inside = False
        return is_open(text, self._form.delimiter), is_valid(text, self._form.delimiter)

    def _as_rfc(self) -> Iterator[str]:
        for line in self._lines:
            written = self._signs.sub(self._unescaped, line) if self._signs else line
            written = written.translate(self._swap) if self._swap else written
            self._record.append(written)
            yield written

    def _unescaped(self, sign: re.Match[str]) -> str:
        """Inside quotes an escaped quote is a doubled one; outside, an escape is a character as any other."""
        text = sign[0]
        if text == self._form.quote:
            self._inside = not self._inside
        elif self._inside:
            return text[1] * 2 if text[1] == self._form.quote else text[1]
        return text
