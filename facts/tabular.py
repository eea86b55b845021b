"""Reads CSV, or a table drawn with pipes, so that every record remembers its line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from facts.faults import Collector
from facts.text import read_text

Records = list[tuple[int, list[str]]]


@dataclass
class CsvRow:
    """One record: its cells by header name, and the line each record starts on."""

    file: Path
    line: int
    cells: dict[str, str]


def read_csv(file: Path, columns: tuple[str, ...], faults: Collector) -> list[CsvRow]:
    """RFC 4180, or the pipe-drawn table of a document. Unknown and doubled columns and ragged rows are faults."""
    text = read_text(file, faults)
    if text is None:
        return []
    records = _drawn(text) if text.lstrip().startswith("|") else _quoted(text, file, faults)
    if not records:
        faults.add("LK006", "has no header", file=file, wanted=",".join(columns))
        return []
    (head_line, header), body = records[0], records[1:]
    header = [name.strip() for name in header]
    _check_header(header, head_line, columns, file, faults)
    rows = []
    for line, cells in body:
        if len(cells) != len(header):
            what = f"has {len(cells)} cells where the header has {len(header)}"
            wanted = "one cell per column; quote a cell that holds a comma"
            faults.add("LK008", what, file=file, at=(line, 0), wanted=wanted, value=",".join(cells))
            continue
        rows.append(CsvRow(file, line, {k: v.strip() for k, v in zip(header, cells, strict=True)}))
    return rows


def _check_header(header: list[str], line: int, columns: tuple[str, ...], file: Path, faults: Collector) -> None:
    for cell, name in enumerate(header, 1):
        at = (line, cell)
        if name not in columns:
            faults.add("LK007", f"unknown column '{name}'", file=file, at=at, wanted=", ".join(columns), value=name, among=columns)
        elif name in header[: cell - 1]:
            faults.add("LK005", f"column '{name}' stands twice", file=file, at=at, wanted="each column once", value=name)


def _quoted(text: str, file: Path, faults: Collector) -> Records:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: Records = []
    line = 1
    try:
        for cells in reader:
            if cells:
                records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as e:
        faults.add("LK002", f"is not CSV: {e}", file=file, at=(line, 0), wanted="RFC 4180: quotes doubled inside quotes")
    return records


def _drawn(text: str) -> Records:
    records = []
    for number, line in enumerate(text.splitlines(), 1):
        # One pipe each, not strip("|"): the last cells may be empty.
        cells = [c.strip() for c in line.strip().removeprefix("|").removesuffix("|").split("|")]
        if line.strip() and not all(set(c) <= set("-: ") and c for c in cells):
            records.append((number, cells))
    return records
