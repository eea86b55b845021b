"""Literals that Spark reads without an error, and in another way than they are meant, are refused."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from lakehouse.pipelines.sql_guard import refusals
from lakehouse.pipelines.sql_literals import pattern_fault


def messages(query: str) -> list[str]:
    return [refusal.message for refusal in refusals(query)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT id FROM t WHERE name = 'O''Brien'", "has '' in a text"),
        ('SELECT id FROM t WHERE name = "a ""b"""', 'has "" in a text'),
        ("SELECT id FROM t WHERE country IN ('AT' 'DE')", "has two texts side by side"),
        ("SELECT id,, name FROM t", "has a comma after the last item"),
        ("SELECT to_date(name, 'yyyy-mm-dd') FROM t", "m is the minute"),
        ("SELECT to_date(name, 'YYYY-MM-DD') FROM t", "Spark has no 'Y'; the year is y"),
        ("SELECT date_format(d, 'yyyy-MM-DD') FROM t", "D is the day of the year"),
        ("SELECT to_timestamp(trim(name), 'yyyy-MM-dd HH:MM:ss') FROM t", "M is the month, after an hour"),
        ("SELECT date_format(d, 'HH:mm:SS') FROM t", "S is a part of a second"),
        ("SELECT to_timestamp(name, 'yyyy-MM-dd hh:mm') FROM t", "h is an hour of half a day"),
        ("SELECT to_timestamp(name, 'yyyy-MM-ddTHH:mm') FROM t", "Spark has no 'T'"),
    ],
)
def test_a_literal_that_spark_reads_otherwise_is_refused(query: str, message: str) -> None:
    assert any(message in each for each in messages(query)), messages(query)


@pytest.mark.parametrize(
    "query",
    [
        r"SELECT 'it\'s', '', \"\", \"it's\", '\\', concat('', '') FROM t".replace(r"\"", '"'),
        "SELECT id FROM t WHERE country IN ('AT', 'DE') AND name <> ''",
        "SELECT to_date(name, 'yyyy-MM-dd'), to_date(name, 'dd.MM.yyyy'), to_date(name, 'D yyyy') FROM t",
        r"SELECT to_timestamp(name, 'yyyy-MM-dd\'T\'HH:mm:ss[.SSSSSS][XXX]') FROM t",
        "SELECT to_timestamp(name, 'M/d/yyyy h:mm a'), date_format(d, 'EEEE hh:mm'), to_date(name) FROM t",
        "SELECT coalesce(name, 'YYYY'), date_format(d, name), lpad(name, 3, 'DD') FROM t",
        "SELECT date_format(d, 'mm:HH'), from_unixtime(id, 'yyyyMMddHHmmssSSS') FROM t",
    ],
)
def test_literals_that_mean_what_they_say_are_taken(query: str) -> None:
    assert messages(query) == []


@pytest.mark.parametrize(
    ("pattern", "of_python"),
    [
        ("yyyy-MM-dd HH:mm:ss", "%Y-%m-%d %H:%M:%S"),
        ("dd.MM.yyyy HH:mm", "%d.%m.%Y %H:%M"),
        ("yyyyMMddHHmmss", "%Y%m%d%H%M%S"),
        ("yyyy-DDD", "%Y-%j"),
        ("MMM d, yyyy hh:mm a", "%b %d, %Y %I:%M %p"),
    ],
)
def test_a_sound_pattern_writes_and_reads_the_same_time(pattern: str, of_python: str) -> None:
    assert pattern_fault(pattern, reads=True) == ""
    moment = datetime(2017, 1, 31, 13, 5)
    assert datetime.strptime(moment.strftime(of_python), of_python).date() == date(2017, 1, 31)
