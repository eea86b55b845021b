"""Nested types are read as Spark writes them, and what no JSON can be typed as is a fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.contracts.nested_types import NestedTypeError, nested_type
from tests.lakehouse.contracts.builders import BRONZE, faults_of, write

SOUND = {
    "array<string>": "array<string>",
    " map< string , decimal(8,2) > ": "map<string,decimal(8,2)>",
    "struct<a: int, B_2: array<struct<c:timestamp>>>": "struct<a:int,B_2:array<struct<c:timestamp>>>",
    "array<map<string,array<date>>>": "array<map<string,array<date>>>",
}
BROKEN = {
    "array<>": "'>' begins with no type",
    "array<text>": "'text>' begins with no type",
    "array<integer>": "'integer>' begins with no type",
    "map<int,string>": "the keys of a map are no strings",
    "map<string>": "the keys of a map are no strings",
    "struct<a int>": "no colon follows the field 'a'",
    "struct<a:int not null>": "'>' is missing before ' not null>'",
    "struct<>": "'>' begins with no name of a field",
    "struct<Id:int,id:int>": "two fields are 'id', but for their case",
    "struct<a:decimal(39,2)>": "more than 38 digits",
    "struct<a:decimal(2,3)>": "more places than digits",
    "array<int>>": "'>' follows the type",
    "array<int": "'>' is missing before ''",
}


@pytest.mark.parametrize("text", SOUND)
def test_a_nested_type_is_spelled_as_spark_spells_it(text: str) -> None:
    assert str(nested_type(text)) == SOUND[text]


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_nested_type_says_where_it_ends(text: str) -> None:
    with pytest.raises(NestedTypeError, match=BROKEN[text].replace("(", r"\(").replace(")", r"\)")):
        nested_type(text)


def place(root: Path, kind: str, **rules: object) -> None:
    document = json.loads(BRONZE)
    column = {"type": ["object", "null"], "description": "Parts.", **rules, "x-lake": {"type": kind}}
    document["properties"]["parts"] = column
    write(root, "bronze.orders", json.dumps(document, indent=1))


def test_a_nested_column_has_the_type_of_spark(tmp_path: Path) -> None:
    place(tmp_path, "struct<a: int, b: array<string>>")
    contract = load_schemas(tmp_path).contracts["bronze.orders"]
    assert contract.by_name["parts"].type == "struct<a:int,b:array<string>>"


def test_a_type_that_cannot_be_read_is_a_fault_at_its_place(tmp_path: Path) -> None:
    place(tmp_path, "struct<a:int,A:int>")
    assert [(f.code, f.value) for f in faults_of(tmp_path)] == [("LK232", "struct<a:int,A:int>")]


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"properties": {"a": {"type": "integer", "minimum": 1}}}, "LK101"),
        ({"required": ["a"]}, "LK101"),
        ({"items": {"type": "string"}}, "LK101"),
        ({"enum": [{"a": 1}]}, "LK215"),
        ({"pattern": "a"}, "LK215"),
        ({"maxLength": 5}, "LK215"),
        ({"minimum": 5}, "LK215"),
        ({"format": "date"}, "LK215"),
    ],
)
def test_a_rule_about_what_is_inside_of_a_column_is_refused(
    rules: dict[str, object], code: str, tmp_path: Path
) -> None:
    place(tmp_path, "struct<a:int>", **rules)
    assert [f.code for f in faults_of(tmp_path)] == [code]
