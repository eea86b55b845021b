"""Turns rejected rows, edited or as they are, into the lines of a replay."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli.quarantine.entries import Entry
from cli.quarantine.exchange import as_row, cell, read_edits, wrong
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables.quarantined_lines import exact_json
from lakehouse.contracts import Contract
from lakehouse.reading.faults import nearest


def unchanged(entry: Entry, contract: Contract) -> dict[str, Any]:
    """The line of a row as it was rejected."""
    row, line = as_row(entry, contract), entry.line
    # What the quarantine holds of a number that came for a text is a text: it is still a number.
    scalars = {
        name: row.pop(name)
        for name in contract.column_names
        if f"{name}: type string" in line.reasons and _is_scalar(row[name])
    }
    texts = {name: _text(value) for name, value in row.items()}
    return _line(entry, line.raw, texts, scalars, edited=False)


def edited_lines(
    file: Path, by_id: dict[str, Entry], contract: Contract, passed_over: list[str]
) -> Iterator[dict[str, Any]]:
    """The line of each row of an edited file. Ids of rows that are decided go to `passed_over`.

    Raises EditError (RUN632) with file and line: a row that is not in quarantine or stands twice, a column
    that the contract does not have, or one of it that the row lacks.
    """
    lines: dict[str, int] = {}
    for number, document in read_edits(file):
        name = document["id"]
        if name not in by_id:
            raise wrong(file, number, f"'{name}' is the id of no row of {contract.table} in quarantine")
        if name in lines:
            raise wrong(file, number, f"'{name}' stands in line {lines[name]} too")
        lines[name] = number
        entry = by_id[name]
        if entry.state != ledger.OPEN:
            passed_over.append(name)
            continue
        values = document["cells"] if "cells" in document else document["row"]
        _check_columns(file, number, values, contract)
        if "cells" in document:
            values = _of_cells(values, entry, contract)
        yield _edited(file, number, entry, document.get("raw"), values, contract)


def _check_columns(file: Path, number: int, values: dict[str, Any], contract: Contract) -> None:
    other = next((name for name in values if name not in contract.by_name), None)
    if other is not None:
        near = nearest(other, contract.column_names)
        hint = f"; did you mean '{near}'?" if near else ""
        raise wrong(file, number, f"{contract.table} has no column '{other}'{hint}")
    # Its value would be null, and nobody has said so.
    absent = next((name for name in contract.column_names if name not in values), None)
    if absent is not None:
        raise wrong(
            file, number, f"the row lacks column '{absent}'; write null, or an empty cell, for no value"
        )


def _of_cells(cells: dict[str, str], entry: Entry, contract: Contract) -> dict[str, Any]:
    """The values of cells: of one that nobody changed the value that it stood for."""
    before = as_row(entry, contract)
    return {
        name: before[name] if text == cell(before[name]) else (text or None) for name, text in cells.items()
    }


def _edited(
    file: Path, number: int, entry: Entry, raw: str | None, values: dict[str, Any], contract: Contract
) -> dict[str, Any]:
    row = {name: values.get(name) for name in contract.column_names}
    if row == as_row(entry, contract):
        if raw == entry.line.raw:
            return unchanged(entry, contract)
        source = contract.lake.source
        if raw is not None and (source is None or source.format not in ("json_lines", "json_array")):
            raise wrong(file, number, "a raw line of this source cannot be parsed; give its values in `row`")
        return _line(entry, raw, {n: _sent(n, v, contract) for n, v in row.items()}, {}, edited=True)
    scalars = {n: _text(v) for n, v in row.items() if contract.by_name[n].type == "string" and _is_no_text(v)}
    texts = {n: None if n in scalars else _sent(n, v, contract) for n, v in row.items()}
    return _line(entry, None, texts, scalars, edited=True)


def _line(
    entry: Entry, raw: str | None, texts: dict[str, Any], scalars: dict[str, Any], *, edited: bool
) -> dict[str, Any]:
    return {
        "id": entry.line.id,
        # As in a line of the quarantine: what looks for a person finds them in both.
        "reasons": list(entry.reasons),
        "raw": raw,
        "row": texts,
        "scalars": scalars,
        "edited": edited,
    }


def _sent(name: str, value: Any, contract: Contract) -> str | None:
    """A value as the source writes it: a number of JSON has a point, those of its files may have a comma."""
    source, text = contract.lake.source, _text(value)
    if text is None or source is None or not _is_no_text(value):
        return text
    return text.replace(".", source.text_form.decimal)


def _text(value: Any) -> str | None:
    return None if value is None else cell(value)


def _is_no_text(value: Any) -> bool:
    return isinstance(value, bool | int | Decimal)


def _is_scalar(text: Any) -> bool:
    """Whether a text is how JSON writes a number, true or false."""
    if text in ("true", "false"):
        return True
    try:
        return isinstance(text, str) and exact_json(Decimal(text)) != "" and not text[:1].isspace()
    except ArithmeticError:
        return False
