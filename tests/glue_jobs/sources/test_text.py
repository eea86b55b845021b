"""Lines become rows of text under the contract's names; a broken line is kept whole."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.sources.columns import ColumnMapping, match_columns
from glue_jobs.sources.json_text import distinct_keys, parse_json
from glue_jobs.sources.text import parse_cells, parse_csv
from lakehouse.contracts import Contract
from tests.glue_jobs.builders import contract, frame
from tests.glue_jobs.sources.systems import rows_of

DDL = "line string, position string, utf8 boolean"
PEOPLE: Contract = contract(
    "bronze.people",
    {
        "id": {"type": "integer"},
        "name": {"type": ["string", "null"], "x-lake": {"source": "FULL_NAME"}},
        "note": {"type": ["string", "null"]},
    },
    write="append",
    sequence=None,
)
COLUMNS = ("id", "name", "note", "_source_position", "_corrupt")


def lines(spark: SparkSession, *texts: str, utf8: bool = True) -> Any:
    return frame(spark, DDL, *[(text, f"f:{number}", utf8) for number, text in enumerate(texts, 1)])


def mapping(*source_columns: str) -> ColumnMapping:
    return match_columns(PEOPLE, source_columns, "the source")


def test_json_values_come_as_they_were_sent_and_absent_keys_as_null(spark: SparkSession) -> None:
    rows = parse_json(
        lines(spark, '{"ID": 1, "FULL_NAME": true, "note": {"a": [1.10]}}', '{"ID": 2.5}'),
        PEOPLE,
        mapping("ID", "FULL_NAME", "note"),
    )
    assert rows_of(rows, *COLUMNS) == [
        ("1", None, '{"a":[1.10]}', "f:1", None),
        ("2.5", None, None, "f:2", None),
    ]
    assert rows_of(rows, "_raw_name", "_raw_note") == [(None, None), ("true", None)]


@pytest.mark.parametrize("key", ["price", "PRICE"])
@pytest.mark.parametrize("number", ["0.1234567890123456789", "12.10", "1e-400", "12345678.9", "-7", '"1,5"'])
def test_number_for_a_decimal_has_all_its_digits(spark: SparkSession, number: str, key: str) -> None:
    prices = contract("bronze.prices", {"price": {"type": "number", "x-lake": {"type": "decimal(38,30)"}}})
    sent = lines(spark, f'{{"{key}": {number}, "other": {{"price": 1}}}}')
    [row] = parse_json(sent, prices, match_columns(prices, ["price"], "the file")).collect()
    assert Decimal(row.price) == Decimal(number) if number[0] != '"' else row.price == "1,5"


@pytest.mark.parametrize("broken", ['{"id": 1', '{"id": 1}{"id": 2}', "{'id': 1}", "[1]", '"text"', "null"])
def test_a_line_that_is_no_json_object_is_corrupt(spark: SparkSession, broken: str) -> None:
    rows = parse_json(lines(spark, broken), PEOPLE, mapping("id", "FULL_NAME"))
    assert rows_of(rows, *COLUMNS) == [(None, None, None, "f:1", broken)]


def test_a_key_in_another_case_is_the_column_and_two_spellings_break_the_object(spark: SparkSession) -> None:
    texts = ['{"ID": 1, "full_name": "a"}', '{"id": 2, "Full_Name": "b", "FULL_NAME": "c"}', '{"Id": 3}']
    rows = parse_json(lines(spark, *texts), PEOPLE, mapping("id", "FULL_NAME"), 2)
    assert rows_of(rows, *COLUMNS) == [
        (None, None, None, "f:2", texts[1]),
        ("1", "a", None, "f:1", None),
        ("3", None, None, "f:3", None),
    ]


def test_an_object_with_a_value_of_twenty_one_megabytes_is_read(spark: SparkSession) -> None:
    rows = parse_json(
        lines(spark, json.dumps({"id": 1, "note": "}" + "x" * 21_000_000})), PEOPLE, mapping("id")
    )
    assert rows_of(rows.selectExpr("length(note)", "_corrupt"), "*") == [(21_000_001, None)]


def test_a_line_that_is_not_utf8_is_corrupt_in_both_formats(spark: SparkSession) -> None:
    for rows in (
        parse_json(lines(spark, '{"id": 1}', utf8=False), PEOPLE, mapping("id", "FULL_NAME")),
        parse_csv(
            lines(spark, "1,a,b", utf8=False),
            PEOPLE,
            ["id", "FULL_NAME", "note"],
            mapping("id", "FULL_NAME", "note"),
        ),
    ):
        assert [row[0] for row in rows_of(rows, "id")] == [None]
        assert rows.where("_corrupt is not null").count() == 1


def test_keys_of_all_objects_are_known_and_their_lines_counted(spark: SparkSession) -> None:
    assert distinct_keys(lines(spark, '{"a": 1, "b": 2}', '{"b": 1, "c": 2}', "broken", "[1]")) == (
        ["a", "b", "c"],
        2,
    )
    assert distinct_keys(lines(spark)) == ([], 0)


@pytest.mark.parametrize("char", ["\0", "\uffff"])
def test_csv_line_with_nul_or_no_character_is_corrupt_and_the_next_one_is_read(
    spark: SparkSession, char: str
) -> None:
    header, broken = ("ID", "FULL_NAME", "note"), f'1,"{char}Ann",b'
    both = lines(spark, broken, "2,Bob,c").coalesce(1)
    rows = parse_csv(both, PEOPLE, header, mapping(*header)).collect()
    assert [(r.name, r._corrupt) for r in rows] == [(None, broken), ("Bob", None)]


def test_csv_fields_are_found_by_the_header(spark: SparkSession) -> None:
    header = ["note", "ID", "shoe_size", "FULL_NAME"]
    rows = parse_csv(lines(spark, '"a ""quoted"", note",1,44,Ann', ",2,,"), PEOPLE, header, mapping(*header))
    assert rows_of(rows, *COLUMNS) == [
        ("1", "Ann", 'a "quoted", note', "f:1", None),
        ("2", None, None, "f:2", None),
    ]


def test_a_column_that_the_header_lacks_is_null(spark: SparkSession) -> None:
    rows = parse_csv(lines(spark, "1,Ann"), PEOPLE, ["id", "FULL_NAME"], mapping("id", "FULL_NAME"))
    assert rows_of(rows, *COLUMNS) == [("1", "Ann", None, "f:1", None)]


@pytest.mark.parametrize(
    "broken", ["1,Ann", "1,Ann,b,more", '1,"Ann,b', '1,"a\\"b\\"",c', '1, "a",b', '1,5" x,b']
)
def test_a_record_of_another_number_of_fields_or_an_open_quote_is_corrupt(
    spark: SparkSession, broken: str
) -> None:
    header = ["id", "FULL_NAME", "note"]
    rows = parse_csv(lines(spark, broken), PEOPLE, header, mapping(*header))
    assert rows_of(rows, *COLUMNS) == [(None, None, None, "f:1", broken)]


@pytest.mark.parametrize("again", ["id,FULL_NAME,note", '"id",FULL_NAME,"note"', "\ufeffid,FULL_NAME,note"])
def test_header_that_is_repeated_among_the_records_is_corrupt(spark: SparkSession, again: str) -> None:
    header = ["id", "FULL_NAME", "note"]
    texts = ["1,Ann,b", again, "id,FULL_NAME,other"]
    rows = parse_csv(lines(spark, *texts), PEOPLE, header, mapping(*header)).collect()
    assert [(r.id, r._corrupt) for r in rows] == [("1", None), (None, again), ("id", None)]
    records = [(f"f:{n}", text, next(csv.reader([text]))) for n, text in enumerate(texts)]
    frame = spark.createDataFrame(records, "position string, line string, cells array<string>")
    streamed = parse_cells(frame, PEOPLE, header, mapping(*header)).collect()
    assert [(r.id, r._corrupt) for r in streamed] == [("1", None), (None, again), ("id", None)]


def test_columns_beside_the_line_are_kept_when_it_is_corrupt(spark: SparkSession) -> None:
    beside = lines(spark, '1,"Ann').selectExpr("*", "'from the message' AS note")
    fields = ColumnMapping({"id": "id", "name": "FULL_NAME"}, (), ())
    rows = parse_csv(beside, PEOPLE, ["id", "FULL_NAME"], fields, passthrough=("note",))
    assert rows_of(rows, *COLUMNS) == [(None, None, "from the message", "f:1", '1,"Ann')]
