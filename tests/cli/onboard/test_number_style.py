"""Numbers with a decimal comma or signs between thousands are read as the files mean them."""

from __future__ import annotations

import pytest

from cli.onboard.number_style import with_plain_numbers
from cli.onboard.sample import Sample


def sample(*columns: list[str | None], form: str = "csv") -> Sample:
    names = tuple(f"c{number}" for number in range(len(columns)))
    return Sample({"format": form}, names, list(zip(*columns, strict=True)))


@pytest.mark.parametrize(
    ("texts", "form", "numbers"),
    [
        (["1,5", "-20,25"], {"decimal": ","}, ["1.5", "-20.25"]),
        (["1.234,50", "7"], {"decimal": ",", "thousands": "."}, ["1234.50", "7"]),
        (["1 234,5", "12,0"], {"decimal": ",", "thousands": " "}, ["1234.5", "12.0"]),
        (["1\u202f234,5"], {"decimal": ",", "thousands": " "}, ["1234.5"]),
        (["1'234.50"], {"thousands": "'"}, ["1234.50"]),
        (["1,234.50", "3"], {"thousands": ","}, ["1234.50", "3"]),
        (["1,234,567"], {"thousands": ","}, ["1234567"]),
        (["1.234.567", "5"], {"decimal": ",", "thousands": "."}, ["1234567", "5"]),
        (["1,5", "NA", None], {"decimal": ","}, ["1.5", "NA", None]),
    ],
)
def test_style_is_stated_and_numbers_are_plain(
    texts: list[str | None], form: dict[str, str], numbers: list[str | None]
) -> None:
    read = with_plain_numbers(sample(texts))
    assert read.form["csv"] == form
    assert [row[0] for row in read.rows] == numbers


@pytest.mark.parametrize("texts", [["1.5", "2"], ["x,y"], ["1,2,3"], ["12,34,567"], ["2017-01-31"], ["1,"]])
def test_other_texts_stay_as_they_are(texts: list[str | None]) -> None:
    assert with_plain_numbers(sample(texts)) == sample(texts)


def test_numbers_of_two_readings_are_left_to_a_person() -> None:
    read = with_plain_numbers(sample(["1,234", "5,678"]))
    assert read.form == {"format": "csv"}
    assert "'1,234' is 1.234 or 1234" in read.doubts[0]


def test_columns_with_a_point_decide_what_a_comma_is() -> None:
    read = with_plain_numbers(sample(["1,234"], ["0.5"]))
    assert read.form["csv"] == {"thousands": ","}
    assert read.rows == [("1234", "0.5")]
    assert with_plain_numbers(sample(["1,2"], ["0.5"])).form == {"format": "csv"}


def test_texts_of_json_have_no_style() -> None:
    assert with_plain_numbers(sample(["1,5"], form="json_lines")).form == {"format": "json_lines"}
