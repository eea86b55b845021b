"""Quotes and escapes of CSV files are told, and every value is stored as polars or Python's csv reads it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pyspark.sql import SparkSession

from cli.onboard.files import read_files
from cli.onboard.origins import landing as origin_of
from cli.onboard.sample import Sample
from lakehouse.environments import Environment
from tests.cli.onboard.stored import stored_rows, written_contract
from tests.glue_jobs.sources.systems import Landing

TEXTS = ["plain", "it's", 'say "hi"', "a,b;c|d", "", "C:\\new\\", "'tis a, b", '5" pipe', " x ", "''", "\\"]
LINES = [*TEXTS, "two\nlines"]
Rows = list[list[str]]


def rows(values: list[str]) -> Rows:
    """60 rows in which every value meets others."""
    count = len(values)
    return [[str(n), values[n % count], values[(n * 5 + n // count) % count]] for n in range(60)]


def written(values: Rows, **dialect: Any) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", **dialect).writerows([["id", "text", "note"], *values])
    return text.getvalue()


def unquoted(values: Rows, delimiter: str) -> str:
    return "".join(delimiter.join(record) + "\n" for record in [["id", "text", "note"], *values])


def polars(text: str, separator: str, quote: str | None) -> Rows:
    frame = pl.read_csv(io.StringIO(text), separator=separator, quote_char=quote, infer_schema=False)
    return [[cell or "" for cell in record] for record in frame.rows()]


def python(text: str, **dialect: Any) -> Rows:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True, **dialect))[1:]


SINGLE = written(rows(LINES), quotechar="'", quoting=csv.QUOTE_ALL)
FEW = written(rows(LINES), quotechar="'", delimiter=";")
ESCAPED = {"escapechar": "\\", "doublequote": False}
BACKSLASH = written(rows(LINES), quoting=csv.QUOTE_NONNUMERIC, **ESCAPED)
BOTH = written(rows(LINES), quotechar="'", quoting=csv.QUOTE_ALL, delimiter="|", **ESCAPED)
TABS = unquoted(rows(TEXTS), "\t")
USUAL = written(rows(LINES), delimiter=";")
SHAPES = {
    "single_quotes": (SINGLE, {"quote": "'"}, polars(SINGLE, ",", "'")),
    "some_single_quotes": (FEW, {"delimiter": ";", "quote": "'"}, polars(FEW, ";", "'")),
    "backslashes": (BACKSLASH, {"escape": "\\"}, python(BACKSLASH, **ESCAPED)),
    "single_quotes_and_backslashes": (
        BOTH,
        {"delimiter": "|", "quote": "'", "escape": "\\"},
        python(BOTH, quotechar="'", delimiter="|", **ESCAPED),
    ),
    "no_quotes": (TABS, {"delimiter": "\t", "quote": "none"}, polars(TABS, "\t", None)),
    "rfc_4180": (USUAL, {"delimiter": ";"}, polars(USUAL, ";", '"')),
}


def sample_of(folder: Path, text: str) -> Sample:
    file = folder / "a.csv"
    file.write_text(text, encoding="utf-8", newline="")
    return read_files([file], 1_000_000)


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_are_stored_as_they_were_written(
    spark: SparkSession, local_env: Environment, tmp_path: Path, shape: str
) -> None:
    text, form, judged = SHAPES[shape]
    assert judged == rows(TEXTS if shape == "no_quotes" else LINES)
    landing = Landing(local_env)
    landing.put("dt=2017-01-01/a.csv", text)
    sample = sample_of(tmp_path, text)
    assert (sample.form["csv"], sample.broken) == (form, 0)
    contract = written_contract(sample, origin_of(landing.prefix), tmp_path)
    stored = [(str(row[0]), *row[1:]) for row in stored_rows(spark, local_env, contract)]
    assert sorted(stored) == sorted(tuple(cell or None for cell in record) for record in judged)


@pytest.mark.parametrize(
    ("text", "form", "doubt"),
    [
        ("id,say\n1,'x'\n2,y\n3,z\n", None, "1 values stand in single quotes"),
        ('id,unc\n1,"\\\\\\\\host\\\\a"\n2,"b"\n', None, "two backslashes in a row"),
        ('id,size\n1,5" pipe\n2,x\n', {"quote": "none"}, "quotes stand in values and never around them"),
        ('id,size\n1,"5" pipe"\n2,"x"\n3,"y"\n', None, None),
    ],
)
def test_what_has_two_readings_is_said(
    tmp_path: Path, text: str, form: dict[str, str] | None, doubt: str | None
) -> None:
    sample = sample_of(tmp_path, text)
    assert sample.form.get("csv") == form
    assert [doubt in said for said in sample.doubts] == ([True] if doubt else [])


def test_quotes_that_come_late_in_a_file_are_told_by_all_of_it(tmp_path: Path) -> None:
    early = "".join(f"{number},x\n" for number in range(2000))
    sample = sample_of(tmp_path, f"id,text\n{early}2000,'a,b'\n2001,'it''s'\n")
    assert (sample.form["csv"], sample.broken) == ({"quote": "'"}, 0)
    assert sample.rows[-2:] == [("2000", "a,b"), ("2001", "it's")]
