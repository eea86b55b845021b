"""Titles before a header and comments are found, and the rows are those that polars reads without them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cli.onboard.files import read_files
from cli.onboard.sample import OnboardError, Sample
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import Tree

ROWS = 'id,name,city\n1,Ann,Bern\n2,Bob,\n3,"Cat, née D",Thun\n'


def sample_of(folder: Path, *texts: str) -> Sample:
    files = [folder / f"{number}.csv" for number, _ in enumerate(texts)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8", newline="")
    return read_files(files, 1_000_000)


@pytest.mark.parametrize(
    ("before", "form", "doubt"),
    [
        ("Customers of 2026\n", {"skip": 1}, "the first is 'Customers of 2026'"),
        ("Customers\n\nexported: 2026-11-27\n\n", {"skip": 4}, "4 lines before the header"),
        ("Customers,,\n,,\nby Ann,,\n", {"skip": 3}, "3 lines before the header"),
        ("# of 2026\nCustomers\n", {"skip": 2}, "2 lines before the header"),
        ("# exported 2026-11-27, by Ann, in Bern\n#\n\n", {"comment": "#"}, "begin with # are comments"),
        ("-- exported\n", {"comment": "--"}, "begin with -- are comments"),
        ("\n\n", None, None),
        ("", None, None),
    ],
)
def test_lines_before_a_header_are_told(
    tmp_path: Path, before: str, form: dict[str, Any] | None, doubt: str | None
) -> None:
    sample = sample_of(tmp_path, before + ROWS)
    judged = pl.read_csv(io.StringIO(ROWS), infer_schema=False)
    assert (sample.form.get("csv"), sample.broken) == (form, 0)
    assert (list(sample.columns), sample.rows) == (judged.columns, judged.rows())
    assert [doubt in said for said in sample.doubts] == ([True] if doubt else [])


@pytest.mark.parametrize(
    ("before", "form"),
    [
        ("Customers of 2026\n\n", {"skip": 2, "quote": "'"}),
        ("# of 2026\n", {"comment": "#", "quote": "'"}),
        ("", {"quote": "'"}),
    ],
)
def test_lines_before_a_header_are_told_where_every_row_has_a_comma_in_single_quotes(
    tmp_path: Path, before: str, form: dict[str, Any]
) -> None:
    rows = "id,name\n" + "".join(f"{number},'Cat, née D'\n" for number in range(9))
    end = "# the end\n" if "comment" in form else ""
    sample = sample_of(tmp_path, before + rows + end)
    judged = pl.read_csv(io.StringIO(rows), infer_schema=False, quote_char="'")
    assert (sample.form["csv"], sample.broken) == (form, 0)
    assert (list(sample.columns), sample.rows) == (judged.columns, judged.rows())


def test_a_header_without_most_of_its_names_may_be_a_title(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, "Customers,,\nby,Ann,\n" + ROWS)
    (doubt,) = sample.doubts
    assert doubt.startswith("the header names no column at 2, 3: where it is a title")


@pytest.mark.parametrize(
    "text",
    [
        "#id,name,city\n1,Ann,Bern\n",
        ",name\n0,Ann\n1,Bob\n",
        ",name\na,Ann\nb,Bob\n",
        "id,,city\n1,Ann,Bern\n2,Bob,Thun\n",
        "name,city\nAnn,Bern\nBob,\n",
    ],
)
def test_a_header_is_no_title(tmp_path: Path, text: str) -> None:
    sample = sample_of(tmp_path, text)
    assert (sample.form, sample.doubts) == ({"format": "csv"}, ())
    assert len(sample.rows) == text.count("\n") - 1


def test_titles_stand_above_rows_of_other_quotes_too(tmp_path: Path) -> None:
    rows = "id;name;note\n1;'O\\'Neil; Ann';'say \"hi\"'\n2;'Bob';'x'\nTotal;2\n"
    sample = sample_of(tmp_path, "Customers\nof 2026\n\n" + rows)
    assert sample.form["csv"] == {"skip": 3, "delimiter": ";", "quote": "'", "escape": "\\"}
    assert sample.rows == [("1", "O'Neil; Ann", 'say "hi"'), ("2", "Bob", "x")]
    assert sample.broken == 1


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_a_header_above_rows_with_other_delimiters_is_no_title(tmp_path: Path, quote: str) -> None:
    rows = "".join(f"{quote}Bern, CH, {n}{quote};{quote}a, b{quote}\n" for n in range(5))
    sample = sample_of(tmp_path, f"{quote}city{quote};{quote}note{quote}\n" + rows)
    assert sample.columns == ("city", "note")
    assert "skip" not in sample.form["csv"]
    assert len(sample.rows) == 5


def test_a_footer_stays_a_broken_row_and_a_row_with_the_sign_of_comments_stays_a_row(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, f"# of 2026\n{ROWS}#4,Dan,Bern\nTotal,4\n")
    assert (sample.form["csv"], sample.broken) == ({"skip": 1}, 1)
    assert sample.rows[-1] == ("#4", "Dan", "Bern")


def test_comments_of_other_numbers_in_each_file_are_comments(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, "# a\n" + ROWS, "# a\n# b\n" + ROWS, ROWS)
    assert (sample.form["csv"], sample.broken, len(sample.rows)) == ({"comment": "#"}, 0, 9)
    with pytest.raises(OnboardError, match=r"different numbers of lines .* 1 in 0.csv and 2 in 1.csv"):
        sample_of(tmp_path, "Title\n" + ROWS, "Title\nof Ann\n" + ROWS)


def test_lines_of_fixed_width_have_comments(tmp_path: Path) -> None:
    sample = sample_of(
        tmp_path, "# of 2026\nid  name      amount\n1   Ann        12.50\n2   Bob         3.00\n"
    )
    assert sample.form["fixed"]["comment"] == "#"
    assert sample.rows == [("1", "Ann", "12.50"), ("2", "Bob", "3.00")]


def test_contract_with_skipped_lines_is_sound_and_a_wrong_number_is_a_fault_at_its_line(
    lakehouse: Call, tree: Tree, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Customers\n" + ROWS)
    words = ("--project", str(tree.root))
    assert lakehouse("onboard", str(file), "--as", "bronze.people", *words).code == 0
    assert lakehouse("validate", *words).code == 0
    contract = tree.root / "schemas/bronze/people.yml"
    text = contract.read_text()
    assert "skip: 1" in text
    line = text[: text.index("skip: 1")].count("\n") + 1
    contract.write_text(text.replace("skip: 1", "skip: -1, comment: it"))
    answer = lakehouse("validate", *words)
    assert answer.code == 2
    for fault in (
        "source.csv.skip = -1; wanted greater than or equal to 0",
        "source.csv.comment = 'it'; wanted '#'",
    ):
        assert fault in answer.err
    assert answer.err.count(f"schemas/bronze/people.yml:{line}:") == 2
