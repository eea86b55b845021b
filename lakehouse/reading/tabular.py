"""Reads CSV, or a table drawn with pipes, so that every record remembers its line."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

Records = list[tuple[int, list[str]]]


@dataclass
class CsvRow:
    """One record: its cells by header name, and the line each record starts on."""

    file: Path
    line: int
    cells: dict[str, str]


_MAX_CELL = 131_072


def read_csv(
    file: Path,
    columns: tuple[str, ...],
    faults: Collector,
    *,
    required: tuple[str, ...] = (),
    shown: bool = True,
) -> list[CsvRow]:
    """RFC 4180, or the pipe-drawn table of a document.

    Unknown, doubled and missing columns and ragged rows are faults. `required`: the columns that must be
    there. `shown`: may a fault quote a row? Not where a cell may hold a secret.
    """
    text = read_text(file, faults)
    if text is None:
        return []
    records = _drawn(text) if text.lstrip().startswith("|") else _quoted(text, file, faults)
    header = [name.strip() for name in records[0][1]] if records else []
    if not set(header) & set(columns):
        faults.add(
            "LK006",
            "has no header",
            file=file,
            at=(records[0][0], 0) if records else (0, 0),
            wanted=",".join(columns),
        )
        return []
    _check_header(header, records[0][0], columns, required, file, faults)
    return _rows(records[1:], header, file, faults, shown=shown)


def _rows(records: Records, header: list[str], file: Path, faults: Collector, *, shown: bool) -> list[CsvRow]:
    rows = []
    for line, cells in records:
        if len(cells) == len(header):
            rows.append(CsvRow(file, line, {k: v.strip() for k, v in zip(header, cells, strict=True)}))
            continue
        faults.add(
            "LK008",
            f"has {len(cells)} cells where the header has {len(header)}",
            file=file,
            at=(line, 0),
            wanted="one cell per column; quote a cell that holds a comma",
            value=",".join(cells) if shown else "",
        )
    return rows


def _check_header(
    header: list[str],
    line: int,
    columns: tuple[str, ...],
    required: tuple[str, ...],
    file: Path,
    faults: Collector,
) -> None:
    for cell, name in enumerate(header, 1):
        at = (line, cell)
        if name not in columns:
            faults.add(
                "LK007",
                f"unknown column '{name}'",
                file=file,
                at=at,
                wanted=", ".join(columns),
                value=name,
                among=columns,
            )
        elif name in header[: cell - 1]:
            faults.add(
                "LK005",
                f"column '{name}' stands twice",
                file=file,
                at=at,
                wanted="each column once",
                value=name,
            )
    _check_required(header, line, columns, required, file, faults)


def _check_required(
    header: list[str],
    line: int,
    columns: tuple[str, ...],
    required: tuple[str, ...],
    file: Path,
    faults: Collector,
) -> None:
    unknown = [name for name in header if name not in columns]
    for name in required:
        if name not in header:
            expected = ", ".join(columns)
            faults.add(
                "LK301",
                f"column '{name}' is missing",
                file=file,
                at=(line, 0),
                wanted=expected,
                value=name,
                among=unknown,
            )


def _quoted(text: str, file: Path, faults: Collector) -> Records:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: Records = []
    line = 1
    try:
        for cells in reader:
            # csv's own limit belongs to the process, and others may have raised it.
            if any(len(cell) > _MAX_CELL for cell in cells):
                raise csv.Error(f"a cell is longer than {_MAX_CELL} characters")
            if cells:
                records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as e:
        faults.add(
            "LK002",
            f"is not CSV: {e}",
            file=file,
            at=(line, 0),
            wanted="RFC 4180: quotes doubled inside quotes",
        )
    return records


def _drawn(text: str) -> Records:
    records: Records = []
    ruled = False
    for number, line in enumerate(re.split(r"\r\n?|\n", text), 1):
        # One pipe each, not strip("|"): the last cells may be empty. A pipe inside a cell is written \|.
        cells = [
            c.strip().replace("\\|", "|")
            for c in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
        ]
        # The line under the header alone: a row whose cells are all "-" is a row.
        if len(records) == 1 and not ruled and all(re.fullmatch(r":?-+:?", c) for c in cells):
            ruled = True
        elif line.strip():
            records.append((number, cells))
    return records
