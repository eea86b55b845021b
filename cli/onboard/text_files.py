"""Reads text files: CSV with a header or without, and lines of fixed width."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from cli.onboard.csv_dialects import FITTING, checked_by_all, csv_reading
from cli.onboard.fixed_width import FixedLines, fixed_lines
from cli.onboard.header import has_header
from cli.onboard.left_out_lines import BEGINNING_LINES, left_out_lines
from cli.onboard.sample import OnboardError, Sample
from cli.onboard.text_access import encoding_of, lines, records, texts
from glue_jobs.sources.csv_header import trimmed
from lakehouse.contracts.file_forms import CsvForm
from lakehouse.contracts.spelling import folded

# Records that tell whether a file has a header.
SAMPLED = 200
# Of the columns without a name, as a doubt tells them.
SHOWN = 5
# Lines that tell where the fields of fixed width stand: the longest values count.
SAMPLED_LINES = 10_000


def read_text_files(files: list[Path], most: int) -> Sample:
    """The rows of CSV files or files of fixed width, at most `most`. Raises OnboardError."""
    encoding = encoding_of(files)
    doubts = (
        [f"the files are not UTF-8; {encoding} is a guess: look at letters with accents"]
        if encoding != "utf-8"
        else []
    )
    beginnings = {file: list(islice(texts(file, encoding), BEGINNING_LINES)) for file in files}
    left_out = left_out_lines(beginnings)
    doubts += left_out.doubts
    usual = CsvForm.model_validate({"encoding": encoding, **left_out.form})
    reading = csv_reading(beginnings[files[0]], usual)
    if reading.fitting < FITTING:
        fixed = fixed_lines(list(islice(lines(files[0], usual), SAMPLED_LINES)))
        if fixed:
            return _fixed(files, fixed, usual, most, doubts)
    reading = checked_by_all(reading, [partial(texts, file, encoding) for file in files])
    return _csv(files, reading.form, most, [*doubts, *reading.doubts])


def _csv(files: list[Path], form: CsvForm, most: int, doubts: list[str]) -> Sample:
    first = [cells for cells in islice(records(files[0], form), SAMPLED) if cells]
    named = not first or has_header(first[0], first[1:])
    width = len(first[0]) if first else 0
    columns: dict[str, None] = {}
    rows: list[dict[str, str | None]] = []
    broken, whole = 0, True
    for file in files:
        parsed = records(file, form)
        header = _distinct(trimmed(_first(parsed))) if named else _numbered("column", width)
        columns |= dict.fromkeys(header)
        for cells in parsed:
            if len(rows) >= most:
                whole = False
                break
            if cells is None or len(cells) != len(header):
                broken += 1
            else:
                rows.append(dict(zip(header, (cell or None for cell in cells), strict=True)))
    _require_rows(rows, broken, width)
    names = tuple(columns)
    texts = [tuple(row.get(name) for name in names) for row in rows]
    usual = CsvForm()
    stated = form.model_copy(update={"header": named}).model_dump()
    csv = {key: value for key, value in stated.items() if value != getattr(usual, key)}
    if named and first and (doubt := _as_a_title(first[0])):
        doubts.append(doubt)
    if named and (twice := _twice(first)):
        csv["columns"] = list(names)
        doubts.append(f"the header has '{twice}' twice: columns are named by position, in this order")
    if not named:
        doubts.append(
            "line 1 looks like a row and not like names: give the columns their names, in this order"
        )
    source: dict[str, Any] = {"format": "csv"} | ({"csv": csv} if csv else {})
    return Sample(source, names, texts, broken, whole, doubts=tuple(doubts), null_words=True)


def _require_rows(rows: Sized, broken: int, width: int) -> None:
    """Raises OnboardError for files of which no row can be read, or fewer than are broken."""
    if broken > len(rows):
        raise OnboardError(
            f"line 1 has {width} values, and {broken} of {broken + len(rows)} records after it have another "
            "number; wanted a header or a row in line 1, and no line of another kind before it"
        )
    if not rows:
        raise OnboardError("the files have no row that can be read")


def _as_a_title(header: list[str]) -> str | None:
    """The doubt about a header most of whose names are empty."""
    blank = [str(number) for number, name in enumerate(header, 1) if not name.strip()]
    if len(blank) * 2 <= len(header):
        return None
    places = ", ".join(blank[:SHOWN]) + (", …" if len(blank) > SHOWN else "")
    return (
        f"the header names no column at {places}: where it is a title, `skip` says how many lines are before "
        "the header"
    )


def _twice(first: list[list[str]]) -> str | None:
    """A name that stands twice in the header, in one spelling or two."""
    spellings: set[str] = set()
    for name in trimmed(first[0]) if first else ():
        if folded(name) in spellings:
            return name
        spellings.add(folded(name))
    return None


def _distinct(header: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a header; one that stands twice gets its number."""
    names: dict[str, str] = {}
    for number, name in enumerate(header, 1):
        unlike = name if folded(name) not in names else f"{name} {number}"
        names[folded(unlike)] = unlike
    return tuple(names.values())


def _fixed(files: list[Path], found: FixedLines, usual: CsvForm, most: int, doubts: list[str]) -> Sample:
    rows: list[tuple[str | None, ...]] = []
    broken, whole = 0, True
    first = [found.cells(text) for text in islice(lines(files[0], usual), SAMPLED)]
    named = has_header([cell or "" for cell in first[0]], [[cell or "" for cell in row] for row in first[1:]])
    header = [cell or "" for cell in first[0]] if named else []
    names = trimmed(header) if named else _numbered("field", len(found.spans))
    if len({folded(name) for name in names}) < len(names):
        raise OnboardError(f"{files[0].name} has a column twice in its header")
    for file in files:
        for number, text in enumerate(lines(file, usual)):
            if named and number == 0:
                continue
            if len(rows) >= most:
                whole = False
                break
            if found.is_whole(text):
                rows.append(found.cells(text))
            else:
                broken += 1
    if not rows:
        raise OnboardError("the files have no row that can be read")
    doubts.append("where a field begins and ends is told by blanks: hold it against the file's description")
    fixed: dict[str, Any] = {"fields": dict(zip(names, map(list, found.spans), strict=True))}
    fixed |= ({"header": True} if named else {}) | ({"ragged": True} if found.ragged else {})
    fixed |= usual.model_dump(include={"encoding", "skip", "comment"}, exclude_defaults=True)
    form = {"format": "fixed_width", "fixed": fixed}
    return Sample(form, names, rows, broken, whole, doubts=tuple(doubts), null_words=True)


def _first(records: Iterator[list[str] | None]) -> list[str]:
    return next(records, None) or []


def _numbered(noun: str, count: int) -> tuple[str, ...]:
    return tuple(f"{noun}_{number}" for number in range(1, count + 1))
