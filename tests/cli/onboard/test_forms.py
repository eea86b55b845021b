"""Forms of files beside CSV with a header are recognised, and every value is read as the file has it."""

from __future__ import annotations

import importlib
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tests.cli.calls import Answer, Call
from tests.cli.pipeline.pipeline_tree import Tree

FIXED = "id  name      amount\n1   Ann        12.50\n2   Bob         3.00\n"
FRAME = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ["Ann", None, "Cat"],
        "amount": [Decimal("1.50"), Decimal("2.25"), None],
        "day": [date(2017, 1, 31), date(2017, 2, 1), date(2017, 2, 2)],
        "at": [datetime(2017, 1, 31, 10, tzinfo=UTC)] * 3,
        "tags": [["a"], [], ["b", "c"]],
    },
    schema_overrides={"id": pl.Int32, "amount": pl.Decimal(18, 2)},
)
TYPES = {
    "id": "int",
    "name": "string?",
    "amount": "decimal(18,2)?",
    "day": "date",
    "at": "timestamp",
    "tags": "array<string>",
}


def written(lakehouse: Call, tree: Tree, file: Path, *more: str) -> tuple[dict[str, Any], Answer]:
    words = ("onboard", str(file), "--as", "bronze.forms", "--project", str(tree.root), *more)
    answer = lakehouse(*words)
    assert (answer.code, answer.err) == (0, "")
    text = (tree.root / "schemas/bronze/forms.yml").read_text(encoding="utf-8")
    answer_of_validate = lakehouse("validate", "--project", str(tree.root))
    assert answer_of_validate.code == 0, answer_of_validate.out
    return yaml.safe_load(text), answer


def types(contract: dict[str, Any]) -> dict[str, str]:
    return {
        name: column.split()[0] if isinstance(column, str) else column["type"]
        for name, column in contract["columns"].items()
    }


def test_lines_of_fixed_width_with_a_header(lakehouse: Call, tree: Tree, tmp_path: Path) -> None:
    file = tmp_path / "people.txt"
    file.write_text(FIXED)
    contract, answer = written(lakehouse, tree, file)
    assert contract["source"]["fixed"] == {
        "fields": {"id": [1, 4], "name": [5, 8], "amount": [9, 20]},
        "header": True,
    }
    assert types(contract) == {"id": "bigint", "name": "string", "amount": "decimal(18,2)"}
    assert "where a field begins and ends is told by blanks" in answer.out


def test_csv_without_a_header_has_columns_by_position(lakehouse: Call, tree: Tree, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("1;Ann;2017-01-31\n2;Bob;2017-02-01\n")
    contract, answer = written(lakehouse, tree, file)
    assert contract["source"]["csv"] == {"delimiter": ";", "header": False}
    assert types(contract) == {"column_1": "bigint", "column_2": "string", "column_3": "date"}
    assert "2 rows, 3 columns" in answer.out
    assert "line 1 looks like a row" in answer.out


def test_files_in_a_zip_archive_are_read(lakehouse: Call, tree: Tree, tmp_path: Path) -> None:
    file = tmp_path / "people.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("people.csv", "id,name\n1,Ann\n")
        archive.writestr("more/people.csv", "id,name\n2,Bob\n")
    contract, answer = written(lakehouse, tree, file)
    assert "2 rows, 2 columns" in answer.out
    assert types(contract) == {"id": "bigint", "name": "string"}


@pytest.mark.parametrize("form", ["parquet", "avro"])
def test_columnar_files_state_their_types(lakehouse: Call, tree: Tree, tmp_path: Path, form: str) -> None:
    file = tmp_path / "people"
    if form == "parquet":
        FRAME.write_parquet(file)
    else:
        file.write_bytes(avro())
    contract, _ = written(lakehouse, tree, file)
    assert contract["source"]["format"] == form
    assert types(contract) == TYPES


def avro() -> bytes:
    """The rows of FRAME by fastavro."""
    optional = {
        "name": "string",
        "amount": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2},
    }
    plain = {
        "id": "int",
        "day": {"type": "int", "logicalType": "date"},
        "at": {"type": "long", "logicalType": "timestamp-micros"},
        "tags": {"type": "array", "items": "string"},
    }
    fields = [
        {"name": name, "type": ["null", optional[name]] if name in optional else plain[name]}
        for name in FRAME.columns
    ]
    body = io.BytesIO()
    schema = {"type": "record", "name": "person", "fields": fields}
    importlib.import_module("fastavro").writer(body, schema, FRAME.to_dicts())
    return body.getvalue()


def test_files_of_several_forms_are_one_clear_error(lakehouse: Call, tree: Tree, tmp_path: Path) -> None:
    FRAME.write_parquet(tmp_path / "a")
    (tmp_path / "b").write_text(FIXED)
    files = (str(tmp_path / "a"), str(tmp_path / "b"))
    answer = lakehouse("onboard", *files, "--as", "bronze.forms", "--project", str(tree.root))
    assert answer.code == 2
    assert "several forms, parquet, text" in " ".join(answer.err.replace("│", " ").split())
