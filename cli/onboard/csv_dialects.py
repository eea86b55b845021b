"""Tells how values of CSV are quoted: by the first lines, and by all of them where these have quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from glue_jobs.sources.file_records import csv_records
from glue_jobs.sources.file_text import UnreadableFileError
from lakehouse.contracts.file_forms import CsvForm

DELIMITERS = (",", ";", "\t", "|")
# Where fewer records than this share have as many values as the first, no delimiter parts them.
FITTING = 0.5
# A record of one value is told apart by no delimiter.
MIN_WIDTH = 2
# RFC 4180 first: where two read the same, it is stated nowhere.
QUOTING: tuple[dict[str, Any], ...] = (
    {},
    {"quote": "'"},
    {"escape": "\\"},
    {"quote": "'", "escape": "\\"},
    {"quote": "none"},
)
_USUAL_QUOTES: dict[str, Any] = {"quote": '"', "escape": None}
# Opens a file: its lines with their ends.
Lines = Callable[[], Iterator[str]]


@dataclass(frozen=True)
class Reading:
    """How the records of files are read by one form.

    `fitting`: the share that have as many values as the first of their file. `width`: of the first.
    `quoted`: values that keep a pair of the other quotes. `is_quoted`: a column has only such values.
    `backslashes`: records with quotes and two backslashes in a row.
    """

    form: CsvForm
    fitting: float
    width: int
    quoted: int = 0
    is_quoted: bool = False
    backslashes: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether every record fits, and nothing speaks for other quotes."""
        return self.fitting == 1 and not self.is_quoted

    @property
    def doubts(self) -> list[str]:
        """What the values leave open, a sentence each."""
        doubts = []
        if self.quoted and self.form.quote == '"':
            doubts.append(
                f"{self.quoted} values stand in single quotes, which stay a part of them; "
                '`quote: "\'"` of csv takes them for quotes'
            )
        if self.form.quote == "none":
            doubts.append(
                "quotes stand in values and never around them: they are kept, and each line is a record; "
                "a file that broke off inside quotes looks the same"
            )
        if self.backslashes and not self.form.escape and self.form.quote != "none":
            doubts.append(
                "values in quotes have two backslashes in a row, and both are kept; "
                "where the source escapes a backslash, csv says `escape: \\`"
            )
        return doubts


def csv_reading(sample: Sequence[str], usual: CsvForm) -> Reading:
    """The form by which most of the first lines are records of as many values as the first one."""
    forms = [_with(usual, delimiter=delimiter) for delimiter in DELIMITERS]
    best = max((_read([lambda: iter(sample)], form) for form in forms), key=lambda r: (r.fitting, r.width))
    return _best(best, [lambda: iter(sample)], DELIMITERS)


def checked_by_all(reading: Reading, files: Sequence[Lines]) -> Reading:
    """The same by all lines of the files, where these have quotes at all."""
    if not any("'" in line or '"' in line for lines in files for line in lines()):
        return reading
    usual = _with(reading.form, **_USUAL_QUOTES)
    return _best(_read(files, usual), files, (usual.delimiter,))


def _with(form: CsvForm, **facts: Any) -> CsvForm:
    return CsvForm.model_validate(form.model_dump() | facts)


def _best(usual: Reading, files: Sequence[Lines], delimiters: Sequence[str]) -> Reading:
    """The usual reading, or one by other quotes that reads more records and leaves fewer quotes in them."""
    if usual.is_sound:
        return usual
    best = usual
    for quoting in QUOTING:
        of_quoting = (usual.form.delimiter,) if quoting.get("quote") == "none" else delimiters
        for delimiter in of_quoting:
            reading = _read(files, _with(usual.form, delimiter=delimiter, **quoting))
            if _is_plausible(reading, usual) and _rank(reading) > _rank(best):
                best = reading
    return best


def _is_plausible(reading: Reading, usual: Reading) -> bool:
    """Whether quotes are none of the values: a broken record does not make quotes signs like any other."""
    if reading.form.quote == "none":
        return not reading.quoted
    # Of records that do not fit no values are counted.
    fits_better = usual.fitting < FITTING <= reading.fitting
    return reading.form.quote == '"' or reading.quoted < usual.quoted or fits_better


def _rank(reading: Reading) -> tuple[float, bool]:
    return reading.fitting, not reading.is_quoted


def _read(files: Sequence[Lines], form: CsvForm) -> Reading:
    total, reading = _Counts(), Reading(form, 0.0, 0)
    for lines in files:
        counts = _counts(lines(), form)
        total.add(counts)
        reading = replace(reading, width=reading.width or counts.width)
    if not total.records or reading.width < MIN_WIDTH:
        return reading
    return replace(
        reading,
        fitting=total.fitting / total.records,
        quoted=sum(total.quoted.values()),
        is_quoted=any(total.quoted[column] == total.values[column] for column in total.quoted),
        backslashes=total.backslashes,
    )


@dataclass
class _Counts:
    """Records of files. `values` and `quoted`: of each column, those that are not empty or keep quotes."""

    records: int = 0
    fitting: int = 0
    width: int = 0
    backslashes: int = 0
    values: Counter[int] = field(default_factory=Counter)
    quoted: Counter[int] = field(default_factory=Counter)

    def add(self, other: _Counts) -> None:
        self.records += other.records
        self.fitting += other.fitting
        self.backslashes += other.backslashes
        self.values += other.values
        self.quoted += other.quoted


def _counts(lines: Iterator[str], form: CsvForm) -> _Counts:
    """The records of one file; each line behind a quote that nothing closes is one that does not fit."""
    counts, others, read, ended = _Counts(), _other_quotes(form), [0], 0
    try:
        for record in csv_records(_counted(lines, read), form):
            ended = record.number + record.text.count("\n")
            counts.records += 1
            if counts.records == 1:
                counts.width = len(record.cells or ())
            elif record.cells is None or len(record.cells) != counts.width:
                continue
            else:
                _count_values(record.cells, others, counts)
            counts.fitting += 1
            counts.backslashes += '"' in record.text and "\\\\" in record.text
    except UnreadableFileError:
        counts.records += read[0] - ended
    return counts


def _count_values(cells: Sequence[str], others: tuple[str, ...], counts: _Counts) -> None:
    for column, cell in enumerate(cells):
        if cell:
            counts.values[column] += 1
            # A pair of single quotes alone is the sign of feet or seconds as often as an empty text.
            if len(cell) > 1 and cell[0] in others and cell[0] == cell[-1] and cell != "''":
                counts.quoted[column] += 1


def _other_quotes(form: CsvForm) -> tuple[str, ...]:
    return tuple(sign for sign in ("'", '"') if sign != form.quote)


def _counted(lines: Iterator[str], read: list[int]) -> Iterator[str]:
    for line in lines:
        read[0] += 1
        yield line
