"""Files of edited rows say what they mean, or are refused with their line before anything is written."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.quarantine.edits import edited_lines
from cli.quarantine.entries import Entry
from cli.quarantine.exchange import EditError, read_edits, write_csv, write_jsonl
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables.quarantined_lines import QuarantinedLine
from tests.glue_jobs.builders import contract

BRONZE = contract(
    "bronze.people",
    {"id": {"type": "integer"}, "name": {"type": ["string", "null"]}},
    write="append",
    source={"kind": "landing", "object": "people", "format": "json_lines", "system": "crm"},
)
HEADER = "_id,_table,_reasons,_source,_raw,id,name\n"
SOUND = '{"id": "a", "row": {"id": 1, "name": "x"}}\n'


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", b"_id,id,name,name\na,1,x,y\n", ":1: its header has column 'name' twice"),
        ("a.csv", "_id,id,name\na,1,\u00e9\n".encode("latin-1"), ":2: it is not UTF-8"),
        ("a.csv", "_id,id,name\na,1,x\n".encode("utf-16"), ":1: it is not UTF-8"),
        ("a.csv", b"_id;id;name\na;1;x\n", ":1: its header has no column _id"),
        ("a.csv", b"_id,id,name\na,1\n", ":2: more or fewer cells"),
        ("a.csv", b'_id,id,name\na,1,"x\n', "no CSV"),
        ("a.jsonl", SOUND.encode() + b"\xe9\n", ":2: it is not UTF-8"),
        ("a.jsonl", b'{"id": "a", "row": {"id": 1, "id": 2, "name": null}}', ":1: its key 'id' stands twice"),
        ("a.jsonl", b'{"id": "a", "row": {"id": NaN, "name": null}}', ":1: no JSON: NaN is no number"),
        ("a.jsonl", b'{"id": "a", "row": {"id": 1, "name": "\\ud83d"}}', ":1: no JSON: half of a character"),
        ("a.jsonl", b'{"id": "a", "row": [1]}', ":1: its `row` is no object"),
    ],
)
def test_a_file_that_would_be_misread_is_refused_with_its_line(
    name: str, text: bytes, message: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(text)
    with pytest.raises(EditError, match=message.replace("(", "[(]")):
        list(read_edits(file))


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_row(tmp_path: Path) -> None:
    rows, lines = tmp_path / "a.csv", tmp_path / "a.jsonl"
    rows.write_bytes(b"\xef\xbb\xbf_id,id,name\r\na,1,x\r\n")
    lines.write_bytes(b"\xef\xbb\xbf" + SOUND.encode().replace(b"\n", b"\r\n"))
    assert list(read_edits(rows)) == [(2, {"id": "a", "raw": None, "cells": {"id": "1", "name": "x"}})]
    assert list(read_edits(lines)) == [(1, {"id": "a", "row": {"id": 1, "name": "x"}})]


def open_row(id_: str, **values: Any) -> Entry:
    row = {"id": None, "name": None, **values}
    return Entry(QuarantinedLine(id_, BRONZE.table, "2017-01-31", "run", ("id: minimum",), None, None, row))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "_id,id\na,1\n", "lacks column 'name'"),
        ("a.jsonl", '{"id": "a", "row": {"name": "x"}}\n', "lacks column 'id'"),
        ("a.jsonl", '{"id": "a", "row": {"id": 1, "name": "x", "nam": 1}}\n', "has no column 'nam'"),
    ],
)
def test_a_column_that_an_edit_leaves_out_does_not_become_null(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(EditError, match=message):
        list(edited_lines(file, {"a": open_row("a", id=-1, name="x")}, BRONZE, []))


@pytest.mark.parametrize("write", [write_csv, write_jsonl])
def test_what_is_exported_comes_back_as_it_was(write: Any, tmp_path: Path) -> None:
    values = {"id": Decimal("1.50"), "name": 'a "b", c\u2028d\n\ufeff'}
    file = tmp_path / ("a.csv" if write is write_csv else "a.jsonl")
    assert write(file, [open_row("a", **values)], BRONZE) == 1
    (line,) = edited_lines(file, {"a": open_row("a", **values)}, BRONZE, [])
    assert (line["edited"], line["row"]) == (False, {"id": "1.50", "name": values["name"]})
    assert open_row("a").state == ledger.OPEN
