"""CSV with other quotes or an escape has the values that Python wrote and that DuckDB and polars read."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from glue_jobs.sources.file_records import csv_records
from glue_jobs.sources.file_text import UnreadableFileError
from lakehouse.contracts.file_forms import CsvForm

VALUES = ["plain", 'say "hi"', "it's", "a,b", "two\nlines", "C:\\new\\", "\\", '\\"', "''", '""', "", " x "]
ROWS = [[str(number), value, VALUES[-1 - number]] for number, value in enumerate(VALUES)]


def read(text: str, **form: Any) -> list[list[str] | None]:
    lines = io.StringIO(text, newline="")
    return [record.cells for record in csv_records(lines, CsvForm(**form))]


def written(**dialect: Any) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n", **dialect).writerows(ROWS)
    return text.getvalue()


@pytest.mark.parametrize("quote", ['"', "'"])
def test_escaped_quotes_are_those_that_duckdb_reads(quote: str, tmp_path: Path) -> None:
    text = written(quotechar=quote, escapechar="\\", doublequote=False)
    file = tmp_path / "a.csv"
    file.write_text(text, newline="")
    judged = duckdb.read_csv(
        str(file), header=False, quotechar=quote, escapechar="\\", delimiter=",", all_varchar=True
    )
    assert read(text, quote=quote, escape="\\") == ROWS
    assert [[cell or "" for cell in row] for row in judged.fetchall()] == ROWS


def test_single_quotes_are_those_that_polars_reads() -> None:
    text = written(quotechar="'")
    judged = pl.read_csv(io.StringIO(text), has_header=False, quote_char="'", infer_schema=False)
    assert read(text, quote="'") == ROWS == [[cell or "" for cell in row] for row in judged.rows()]


def test_without_quotes_every_line_is_a_record() -> None:
    text = '1\t"open\t5" pipe\n2\tit\'s\t\\\n\n3\t""\t\n'
    judged = pl.read_csv(
        io.StringIO(text.replace("\n\n", "\n")),
        has_header=False,
        quote_char=None,
        separator="\t",
        infer_schema=False,
    )
    cells = read(text, quote="none", delimiter="\t")
    assert cells == [[cell or "" for cell in row] for row in judged.rows()]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('a,"b\\"c"x\n', {"escape": "\\"}),
        ('a,b\\"c\n', {"escape": "\\"}),
        ("a,'b'c\n", {"quote": "'"}),
        ("a,b'c\n", {"quote": "'"}),
    ],
)
def test_record_that_breaks_the_rules_of_its_quotes_is_broken_alone(text: str, form: dict[str, Any]) -> None:
    assert read(f"1,2\n{text}3,4\n", **form) == [["1", "2"], None, ["3", "4"]]


def test_text_of_a_record_is_that_of_the_file() -> None:
    lines = io.StringIO("a,'it''s \\' \"x\"\n2'\nb,c\n", newline="")
    records = list(csv_records(lines, CsvForm(quote="'", escape="\\")))
    assert [(r.number, r.text) for r in records] == [(1, "a,'it''s \\' \"x\"\n2'"), (3, "b,c")]
    assert records[0].cells == ["a", "it's ' \"x\"\n2"]


def test_quote_that_nothing_closes_makes_the_file_unreadable() -> None:
    with pytest.raises(UnreadableFileError, match="a quote that line 2 opens and nothing closes"):
        read('1,2\n3,"C:\\"\n5,6\n', escape="\\")


def test_an_escape_without_quotes_is_refused() -> None:
    with pytest.raises(ValueError, match="`escape` stands inside of quotes"):
        CsvForm(quote="none", escape="\\")
