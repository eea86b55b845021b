"""Finds the lines of text files that are neither header nor rows: titles before the header, and comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.onboard.csv_dialects import DELIMITERS, FITTING, QUOTING
from cli.onboard.header import has_header
from cli.onboard.sample import OnboardError
from glue_jobs.sources.file_records import csv_records
from glue_jobs.sources.file_text import UnreadableFileError
from lakehouse.contracts.file_forms import CsvForm

# Lines of a file that tell where its header stands.
BEGINNING_LINES = 1000
# A header comes after at most so many lines.
_MOST = 30
# A sign with a blank or nothing after it: `#id` may be the name of a column.
_COMMENT = re.compile(r"(#|//|--)(\s|$)")
# What spreadsheets write before the header to say their delimiter.
_SEPARATOR = re.compile(r'"?sep=[^"]"?', re.IGNORECASE)
_SHOWN = 40


@dataclass(frozen=True)
class LeftOutLines:
    """`form`: what the source says of them: `skip`, `comment` or nothing. `doubts`: for a person."""

    form: dict[str, Any] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


def left_out_lines(files: Mapping[Path, Sequence[str]]) -> LeftOutLines:
    """The same lines of all files. `files`: each file's first lines.

    Raises OnboardError where the files differ in the number of lines before their header.
    """
    counts = {file: _before_header(lines) for file, lines in files.items()}
    if not any(counts.values()):
        return LeftOutLines()
    signs = {
        match[1] if (match := _COMMENT.match(line)) else ""
        for name, lines in files.items()
        for line in lines[: counts[name]]
        if line.strip()
    }
    sign = signs.pop() if len(signs) == 1 else ""
    if sign and _are_comments(sign, (line for name in files for line in files[name][counts[name] :])):
        doubt = f"lines that begin with {sign} are comments and no rows, wherever they stand"
        return LeftOutLines({"comment": sign}, (doubt,))
    if len(set(counts.values())) > 1:
        told = " and ".join(f"{count} in {name.name}" for name, count in list(counts.items())[:3])
        raise OnboardError(
            f"the files have different numbers of lines before their header: {told}; "
            "wanted the same, or lines that begin with #"
        )
    name, count = next(iter(counts.items()))
    first = next(line.strip() for line in files[name][:count] if line.strip())[:_SHOWN]
    doubt = f"{count} lines before the header are skipped in every file; the first is '{first}'"
    return LeftOutLines({"skip": count}, (doubt,))


def _are_comments(sign: str, lines: Iterable[str]) -> bool:
    """Whether no row begins with the sign: a row of the column `#` has no blank after it."""
    return all(_COMMENT.match(line) for line in lines if line.startswith(sign))


def _before_header(lines: Sequence[str]) -> int:
    """How many lines stand before the header, or the first row."""
    if lines and _SEPARATOR.fullmatch(lines[0].rstrip("\r\n")):
        return 1 + _before_header(lines[1:])
    comments = 0
    for number, line in enumerate(lines[:_MOST], 1):
        if _COMMENT.match(line):
            comments = number
        elif line.strip():
            break
    # Without quotes any text has delimiters, and a header would be the title of its rows.
    quoting = [facts for facts in QUOTING if facts.get("quote") != "none"]
    forms = [CsvForm.model_validate({"delimiter": d, **facts}) for facts in quoting for d in DELIMITERS]
    return comments + max((_titles(lines[comments:], form) for form in forms), key=lambda t: t[1:])[0]


def _titles(lines: Sequence[str], form: CsvForm) -> tuple[int, float, int]:
    """(lines of text before the header; the share of records as wide as most; their width)."""
    records: list[tuple[int, list[str] | None]] = []
    try:
        records.extend((record.number, record.cells) for record in csv_records(iter(lines), form))
    except UnreadableFileError:
        return 0, 0.0, 0
    widths = Counter(len(cells) for _, cells in records if cells)
    width = max(widths, key=lambda w: widths[w] * (w > 1), default=0)
    share = widths[width] / len(records) if width > 1 else 0.0
    if share < FITTING:
        return 0, 0.0, 0
    for place, (number, cells) in enumerate(records[:_MOST]):
        if cells and len(cells) == width and all(cell.strip() for cell in cells):
            following = [cells for _, cells in records[place + 1 :] if cells]
            is_titled = place > 0 and all(_is_title(cells, width) for _, cells in records[:place])
            return (number - 1 if is_titled and has_header(cells, following) else 0), share, width
    return 0, share, width


def _is_title(cells: list[str] | None, width: int) -> bool:
    """Whether a record is text before a header: far fewer values than a row has, the first of them filled.

    A record as wide as a row has one: that of an index without a name begins with an empty cell.
    """
    filled = [cell for cell in cells or () if cell.strip()]
    if cells is None:
        return True
    if len(cells) == width and filled:
        return len(filled) == 1 and bool(cells[0].strip()) and width > 2
    return len(filled) * 2 <= width
