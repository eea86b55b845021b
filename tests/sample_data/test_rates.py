"""The exchange rates, held against the published file."""

from __future__ import annotations

import json
from datetime import date
from zipfile import ZipFile

import pytest

from sample_data import rates


def lines_of_the_zip() -> list[list[str]]:
    with ZipFile(rates.archive()) as zipped:
        return [line.split(",") for line in zipped.read("eurofxref-hist.csv").decode().splitlines()]


def test_each_document_has_the_digits_that_were_published() -> None:
    head, *lines = lines_of_the_zip()
    expected = {
        line[0]: {name: rate for name, rate in zip(head[1:], line[1:], strict=True) if name and rate != "N/A"}
        for line in lines
        if "2016-12-30" <= line[0] <= "2017-12-31"
    }
    actual = [
        json.loads(rates.document(day), parse_float=str, parse_int=str)
        for day in rates.published(date(2017, 1, 1), date(2017, 12, 31))
    ]
    assert {document["date"]: document["rates"] for document in actual} == expected
    assert len(actual) == len(expected)


def test_the_last_publication_before_the_range_comes_with_it() -> None:
    assert [day.date.isoformat() for day in rates.published(date(2017, 1, 1), date(2017, 1, 3))] == [
        "2016-12-30",
        "2017-01-02",
        "2017-01-03",
    ]


def test_a_day_without_a_publication_brings_the_one_before_only() -> None:
    assert [day.date.isoformat() for day in rates.published(date(2017, 4, 15), date(2017, 4, 15))] == [
        "2017-04-13"
    ]


@pytest.mark.parametrize(
    ("day", "published_at"), [("2017-01-02", "2017-01-02T15:00:00Z"), ("2017-07-03", "2017-07-03T14:00:00Z")]
)
def test_publication_is_at_four_in_frankfurt(day: str, published_at: str) -> None:
    when = date.fromisoformat(day)
    assert rates.published(when, when)[-1].published_at == published_at


def test_a_document_is_one_line() -> None:
    assert rates.document(rates.published(date(2017, 1, 2), date(2017, 1, 2))[-1]).startswith(
        b'{"base":"EUR","date":"2017-01-02","published_at":"2017-01-02T15:00:00Z","rates":{"USD":1.0465,'
    )
