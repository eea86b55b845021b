"""CSV files with other delimiters, encodings and words for null are read as polars and Python read them."""

from __future__ import annotations

import csv
import io
from typing import Any

import polars as pl
import pytest
from pyspark.sql import SparkSession

from glue_jobs.sources.source import Extract
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import Landing, rows_of, source_contract, source_of, whole

PEOPLE: dict[str, Any] = {
    "id": {"type": "string"},
    "name": {"type": ["string", "null"]},
    "amount": {"type": ["number", "null"]},
    "updated_at": {"type": "string", "format": "date-time"},
}
ROWS = [
    ["1", "Zoë; née|Ö\t", "1.5", "2017-01-01"],
    ["2", 'say "hi", then', "NA", "2017-01-01"],
    ["3", "two\r\nlines", "", "2017-01-01"],
    ["4", "NA", "-", "2017-01-01"],
]
FORMS = [
    pytest.param(";", "utf-8", [], marks=pytest.mark.slow),
    (";", "windows-1252", ["NA", "-"]),
    ("\t", "iso-8859-15", ["NA"]),
    pytest.param("|", "windows-1250", ["-"], marks=pytest.mark.slow),
    pytest.param(",", "iso-8859-1", [], marks=pytest.mark.slow),
    (",", "utf-8", ["NA", "-"]),
]


def written(delimiter: str, encoding: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([list(PEOPLE), *ROWS])
    return text.getvalue().encode(encoding)


def read(spark: SparkSession, env: Environment, landing: Landing, **form: Any) -> Extract:
    contract = source_contract("landing", landing.prefix, "csv", PEOPLE, csv=form)
    extract = whole(source_of(spark, env, contract))
    try:
        extract.rows.count()
    except Exception as error:
        again = extract.read_again(error)
        assert again is not None
        return again
    return extract


@pytest.mark.parametrize(("delimiter", "encoding", "nulls"), FORMS)
def test_file_of_another_form_has_the_values_that_polars_reads(
    spark: SparkSession,
    local_env: Environment,
    landing: Landing,
    delimiter: str,
    encoding: str,
    nulls: list[str],
) -> None:
    body = written(delimiter, encoding)
    landing.put("dt=2017-01-01/a.csv", body)
    extract = read(spark, local_env, landing, delimiter=delimiter, encoding=encoding, nulls=nulls)
    expected = pl.read_csv(
        body.decode(encoding).encode(), separator=delimiter, infer_schema=False, null_values=["", *nulls]
    )
    columns = ["id", "name", "amount"]
    assert rows_of(extract.rows, *columns) == sorted(expected.select(columns).rows())
    assert extract.rejected == ()


def test_broken_record_of_another_delimiter_is_quarantined_and_its_neighbours_are_read(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put(
        "dt=2017-01-01/a.csv", 'id;name;amount;updated_at\n1;a;1;2017\n2;a;1\n3;a"b;1;2017\n4;,,;1;2017\n'
    )
    extract = read(spark, local_env, landing, delimiter=";")
    assert rows_of(extract.rows, "id", "name", "_corrupt") == [
        (None, None, "2;a;1"),
        (None, None, '3;a"b;1;2017'),
        ("1", "a", None),
        ("4", ",,", None),
    ]


def test_file_with_bytes_that_its_encoding_lacks_is_quarantined_whole(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/bad.csv", b"id;name;amount;updated_at\n1;\x81;1;2017\n")
    landing.put("dt=2017-01-01/good.csv", b"id;name;amount;updated_at\n2;\x80;1;2017\n")
    extract = read(spark, local_env, landing, delimiter=";", encoding="windows-1252")
    assert rows_of(extract.rows, "id", "name") == [("2", "€")]
    assert [(f.key.rsplit("/")[-1], f.reason) for f in extract.rejected] == [
        ("bad.csv", "has a byte that the encoding of its source lacks")
    ]


def test_byte_order_mark_is_believed_before_the_stated_encoding(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/a.csv", written(";", "utf-16"))
    extract = read(spark, local_env, landing, delimiter=";", encoding="windows-1252")
    assert [row[0] for row in rows_of(extract.rows, "name", "id")] == sorted(row[1] for row in ROWS)


def test_file_with_an_escape_and_single_quotes_is_stored_as_it_was_written(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    text = io.StringIO(newline="")
    dialect: dict[str, Any] = {"quotechar": "'", "escapechar": "\\", "doublequote": False}
    rows = [["1", 'it\'s "x", C:\\', "1", "2017-01-01"], ["2", "two\nlines", "", "2017-01-01"]]
    csv.writer(text, quoting=csv.QUOTE_ALL, **dialect).writerows([list(PEOPLE), *rows])
    landing.put("dt=2017-01-01/a.csv", text.getvalue() + "'3','a'b,1,2017-01-01\n")
    stored = read(spark, local_env, landing, quote="'", escape="\\").rows
    assert rows_of(stored.where("_corrupt is null"), *PEOPLE) == [tuple(v or None for v in r) for r in rows]
    assert rows_of(stored.where("_corrupt is not null"), "_corrupt") == [("'3','a'b,1,2017-01-01",)]
