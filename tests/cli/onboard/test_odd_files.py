"""Onboard judges odd files as the ingest does: what the ingest rejects is broken, and decides no type."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from typing import Any

import pyarrow as pa
import pytest
import yaml

from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import Tree

CSV = b"id,v\n" + b"".join(b"%d,%d\n" % (i, i * 7919) for i in range(3000))
LINES = b"".join(b'{"id": %d}\n' % i for i in range(3000))
CUT_OFF: dict[str, bytes] = {
    "cut.csv.gz": gzip.compress(CSV)[:-9],
    "cut.jsonl.gz": gzip.compress(LINES)[:-9],
    "cut.csv.bz2": bz2.compress(CSV)[:-30],
    "cut.csv.xz": lzma.compress(CSV)[:-30],
    "cut.csv.zst": bytes(pa.compress(CSV, codec="zstd", asbytes=True))[:-200],
    "garbage.csv.gz": gzip.compress(CSV) + b"garbage",
    "only_named.csv.gz": CSV,
}


def onboard(lakehouse: Call, tree: Tree, name: str, data: bytes) -> tuple[dict[str, Any], str]:
    """The contract that is written, which has no fault, and its text."""
    (tree.root / name).write_bytes(data)
    answer = lakehouse("onboard", str(tree.root / name), "--as", "bronze.odd", "--project", str(tree.root))
    assert (answer.code, answer.err) == (0, "")
    text = (tree.root / "schemas/bronze/odd.yml").read_text(encoding="utf-8")
    validated = lakehouse("validate", "--project", str(tree.root))
    assert validated.code == 0, validated.out
    return yaml.safe_load(text), text


@pytest.mark.parametrize("name", CUT_OFF)
def test_a_file_that_cannot_be_decompressed_is_one_error(name: str, lakehouse: Call, tree: Tree) -> None:
    (tree.root / name).write_bytes(CUT_OFF[name])
    answer = lakehouse("onboard", str(tree.root / name), "--as", "bronze.odd", "--project", str(tree.root))
    assert answer.code == 2
    assert name in answer.err
    assert "decompressed" in answer.err or "but its bytes are not" in answer.err
    assert not (tree.root / "schemas/bronze/odd.yml").exists()


@pytest.mark.parametrize("word", ["NaN", "Infinity", "01", "'x'", '"\\ud83d"', '"\\ude00\\ud83d"'])
def test_a_dialect_of_json_decides_no_type(word: str, lakehouse: Call, tree: Tree) -> None:
    lines = [f'{{"id": {i}, "v": {i}.5}}' for i in range(20)] + [f'{{"id": 20, "v": {word}}}']
    contract, text = onboard(lakehouse, tree, "odd.jsonl", "\n".join(lines).encode())
    assert contract["columns"]["v"].split()[0] == "decimal(18,1)"
    assert "1 records of the files are broken" in text


def test_a_whole_pair_of_surrogates_is_text(lakehouse: Call, tree: Tree) -> None:
    lines = [json.dumps({"id": i, "v": "\U0001f600"}) for i in range(3)]
    contract, text = onboard(lakehouse, tree, "odd.jsonl", "\n".join(lines).encode())
    assert contract["columns"]["v"].split()[0] == "string"
    assert "broken" not in text


@pytest.mark.parametrize("last", ["1e400", "-1e999"])
def test_a_number_beyond_a_double_is_a_fault_of_its_row(last: str, lakehouse: Call, tree: Tree) -> None:
    lines = [f'{{"id": {i}, "v": {i}.5}}' for i in range(20)] + [f'{{"id": 20, "v": {last}}}']
    contract, text = onboard(lakehouse, tree, "odd.jsonl", "\n".join(lines).encode())
    assert contract["columns"]["v"].split()[0] == "double"
    assert "some of its numbers are beyond a double: their rows go to quarantine" in text


def test_spellings_of_a_key_are_one_column(lakehouse: Call, tree: Tree) -> None:
    lines = [{"ID": 1, "Name": "a"}, {"id": 2, "name": "b"}, {"Id": 3, "NAME": "c"}, {"id": 4, "ID": 5}]
    contract, text = onboard(lakehouse, tree, "odd.jsonl", "\n".join(map(json.dumps, lines)).encode())
    assert {name: line.split()[0] for name, line in contract["columns"].items()} == {
        "id": "bigint",
        "name": "string",
    }
    assert "1 records of the files are broken" in text


def test_one_byte_that_is_not_utf_8_changes_no_other_row(lakehouse: Call, tree: Tree) -> None:
    rows = ["id,name", *(f"{i},Zo\u00eb {i}" for i in range(30))]
    data = "\n".join(rows).encode().replace("\u00eb 7".encode(), b"\xeb 7")
    contract, text = onboard(lakehouse, tree, "odd.csv", data)
    assert "csv" not in contract["source"]
    assert "1 records of the files are broken" in text


def test_a_file_in_another_encoding_is_read_in_it(lakehouse: Call, tree: Tree) -> None:
    rows = ["id,name", *(f"{i},Zo\u00eb {i}" for i in range(30))]
    contract, _ = onboard(lakehouse, tree, "odd.csv", "\n".join(rows).encode("windows-1252"))
    assert contract["source"]["csv"] == {"encoding": "windows-1252"}


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;\r"])
def test_the_line_of_a_spreadsheet_that_states_the_separator_is_no_header(
    line: str, lakehouse: Call, tree: Tree
) -> None:
    rows = [line, "id;amount", *(f"{i};{i},5" for i in range(20))]
    contract, _ = onboard(lakehouse, tree, "odd.csv", "\n".join(rows).encode())
    assert contract["source"]["csv"] == {"skip": 1, "delimiter": ";", "decimal": ","}
    assert list(contract["columns"]) == ["id", "amount"]
