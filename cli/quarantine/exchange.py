"""Rejected rows as files that people edit: JSON lines or CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli.quarantine.entries import Entry
from glue_jobs.errors import RunError
from glue_jobs.tables.quarantined_lines import exact_json
from lakehouse.contracts import Contract
from lakehouse.reading.strict_json import strict_json

FACTS = ("id", "table", "reasons", "source", "raw")
# Their columns in a CSV file, before those of the row: no contract has a column of such a name.
_COLUMNS = tuple(f"_{name}" for name in FACTS)
CSV_LIMIT = 2**31 - 1


class EditError(RunError):
    """A file of edited rows is not as `quarantine export` writes it."""

    code = "RUN632"
    exit_code = 2


def write_jsonl(file: Path, chosen: Iterable[Entry], contract: Contract) -> int:
    """A line for each row: its id, reasons, source, and `row` to be edited. Returns how many."""
    number = 0
    with file.open("w", encoding="utf-8") as lines:
        for entry in chosen:
            facts = entry.facts(contract)
            document = {**{name: facts[name] for name in FACTS}, "row": as_row(entry, contract)}
            lines.write(exact_json(document) + "\n")
            number += 1
    return number


def write_csv(file: Path, chosen: Iterable[Entry], contract: Contract) -> int:
    """The same as CSV with a header; a null is an empty cell. Returns how many."""
    number = 0
    with file.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow([*_COLUMNS, *contract.column_names])
        for entry in chosen:
            facts = entry.facts(contract) | {"reasons": "; ".join(entry.reasons)}
            cells = as_row(entry, contract).values()
            rows.writerow([*(cell(facts[name]) for name in FACTS), *map(cell, cells)])
            number += 1
    return number


def as_row(entry: Entry, contract: Contract) -> dict[str, Any]:
    """The values of a row in the columns of its contract as it is now."""
    return {name: entry.line.row.get(name) for name in contract.column_names}


def cell(value: Any) -> str:
    """A value as the cell of a CSV file."""
    if value is None:
        return ""
    return value if isinstance(value, str) else exact_json(value)


def read_edits(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, document) of each row of a file that was edited; a CSV file gives texts alone under `cells`.

    Raises RunError (RUN632) for a file that is neither.
    """
    reader = _read_csv if file.suffix.lower() == ".csv" else _read_jsonl
    yield from reader(file)


def _read_jsonl(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            text = _decoded(file, number, line)
            if not text.strip():
                continue
            try:
                document = strict_json(text, Decimal)
            except ValueError as error:
                raise wrong(file, number, str(error)) from None
            if not isinstance(document, dict) or not isinstance(document.get("id"), str):
                raise wrong(file, number, 'wanted {"id": …, "row": {…}} as `quarantine export` writes it')
            if not isinstance(document.get("row"), dict):
                raise wrong(file, number, "its `row` is no object")
            yield number, document


def _decoded(file: Path, number: int, line: bytes) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise wrong(file, number, "it is not UTF-8; a table calculation saves it as CSV UTF-8") from None


def _read_csv(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(CSV_LIMIT)
    with file.open("rb") as lines:
        texts = (_decoded(file, number, line) for number, line in enumerate(lines, 1))
        rows = csv.DictReader(texts, strict=True)
        names = list(rows.fieldnames or ())
        if "_id" not in names:
            raise wrong(file, 1, "its header has no column _id; wanted what `quarantine export` writes")
        if twice := next((name for i, name in enumerate(names) if name in names[:i]), None):
            raise wrong(file, 1, f"its header has column '{twice}' twice")
        try:
            for cells in rows:
                if None in cells or None in cells.values():
                    raise wrong(file, rows.line_num, "more or fewer cells than the header")
                values = {name: text for name, text in cells.items() if name not in _COLUMNS}
                yield rows.line_num, {"id": cells["_id"], "raw": cells.get("_raw") or None, "cells": values}
        except csv.Error as error:
            raise wrong(file, rows.line_num, f"no CSV: {error}") from None


def wrong(file: Path, line: int, fault: str) -> EditError:
    """The error for a line of an edited file; it quotes no value."""
    return EditError(f"{file}:{line}: {fault}")
