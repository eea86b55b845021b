"""Patterns of dates that name no day, or that two readers would take for different things, are refused."""

from __future__ import annotations

import re

import pytest

from lakehouse.contracts.date_format import DateFormatError, date_format


@pytest.mark.parametrize(
    ("pattern", "kind", "reason"),
    [
        ("DD.MM.YYYY", "date", "'DD' means nothing"),
        ("dd.mm.yyyy", "timestamp", "names no month"),
        ("dd.MM", "date", "names no year"),
        ("dd.MM.yyyy yy", "date", "names two year"),
        ("dd.MM.yyyy d", "date", "says the day once more"),
        ("dd.MM.yyyy HH:mm", "date", "a date has no time of day"),
        ("dd.MM.yyyy hh:mm", "timestamp", "h and a belong together"),
        ("dd.MM.yyyy HH:mm a", "timestamp", "h and a belong together"),
        ("dd.MM.yyyy HH", "timestamp", "names the hour without the minute"),
        ("dd.MM.yyyy mm:ss", "timestamp", "names the minute without the hour"),
        ("dd.MM.yyyy 'um", "date", "a quote is open"),
        ("yyyy-MM-ddTHH:mm", "timestamp", "'T' means nothing"),
        ("epoch_millis", "date", "is a timestamp, and no date"),
        ("dd.MM.yyyy", "string", "a string is no date and no timestamp"),
        ("", "date", "names no year"),
        ("[dd/MM/yyyy] HH:mm", "timestamp", "its year is optional; a bracket itself stands in quotes"),
        ("dd.MM.yyyy[ HH:mm", "timestamp", "a bracket is open"),
        ("dd.MM.yyyy] HH:mm", "timestamp", "a bracket is closed that none opens"),
        ("dd.MM.yyyy h:mm[ a]", "timestamp", "its half is optional"),
        ("dd.MM.yyyy[ HH][:mm]", "timestamp", "a text may name the minute without the hour"),
        ("dd.MM.yyyy HH:mm[:ss][.SSS]", "timestamp", "a text may name the fraction without the second"),
    ],
)
def test_pattern_that_reads_no_day_is_refused(pattern: str, kind: str, reason: str) -> None:
    with pytest.raises(DateFormatError, match=re.escape(reason)):
        date_format(pattern, kind)


def test_texts_of_one_length_are_cut_by_position() -> None:
    assert date_format("dd.MM.yyyy", "date").spans == {"day": (1, 2), "month": (4, 2), "year": (7, 4)}
    assert date_format("d.MM.yyyy", "date").spans == {}


def test_further_digits_of_a_fraction_are_zeros() -> None:
    form = date_format("yyyyMMddHHmmss.SSSSSSSSS", "timestamp")
    pattern = form.regex.replace(r"\z", r"\Z")
    assert re.match(pattern, "20170101000000.123456000")
    assert not re.match(pattern, "20170101000000.123456001")
