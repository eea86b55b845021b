"""Dates and times that are not ISO 8601 are read by the one pattern that reads all of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.onboard.date_style import counted_style, date_style

# Java's pattern → Python's.
PATTERNS = {
    "dd.MM.yyyy": "%d.%m.%Y",
    "MM/dd/yyyy": "%m/%d/%Y",
    "yyyy/MM/dd HH:mm": "%Y/%m/%d %H:%M",
    "dd-MMM-yyyy": "%d-%b-%Y",
    "dd MMM yyyy HH:mm:ss": "%d %b %Y %H:%M:%S",
    "MM/dd/yyyy hh:mm:ss a": "%m/%d/%Y %I:%M:%S %p",
    "dd/MMM/yyyy:HH:mm:ss Z": "%d/%b/%Y:%H:%M:%S %z",
    "yyyy-MM-dd HH:mm:ss.SSSSSS Z": "%Y-%m-%d %H:%M:%S.%f %z",
    "yyyy-MM-dd HH:mm:ss,SSSSSS": "%Y-%m-%d %H:%M:%S,%f",
    "yyyyMMddHHmmss": "%Y%m%d%H%M%S",
    "yyyy-MM-dd HH:mm:ss' UTC'": "%Y-%m-%d %H:%M:%S UTC",
}
MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
# A day above 12 and a month below 10, so that one pattern alone reads it.
PLAIN = datetime(2017, 3, 31, 14, 5, 9, 120000, tzinfo=UTC)


@pytest.mark.parametrize("java", PATTERNS)
def test_pattern_of_each_kind_is_found(java: str) -> None:
    @settings(max_examples=20, deadline=None)
    @given(st.lists(MOMENTS, max_size=5))
    def check(moments: list[datetime]) -> None:
        style = date_style({moment.strftime(PATTERNS[java]) for moment in [PLAIN, *moments]})
        assert style is not None
        assert style.pattern == java
        assert style.type == ("timestamp" if "H" in java or "h" in java else "date")

    check()


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        ({"1.2.2017", "31.12.2017"}, "d.M.yyyy"),
        ({"3/31/2017", "12/1/2017"}, "M/d/yyyy"),
        ({"3/31/2017 2:05 PM"}, "M/d/yyyy h:mm a"),
        ({"Mar 31, 2017", "May 1, 2017"}, "MMM d, yyyy"),
        ({"March 31, 2017", "May 1, 2017"}, "MMMM d, yyyy"),
        ({"31.03.17"}, "dd.MM.yy"),
        ({"05.05.2017"}, "dd.MM.yyyy"),
    ],
)
def test_pattern_of_people(texts: set[str], pattern: str) -> None:
    style = date_style(texts)
    assert style is not None
    assert style.pattern == pattern


@pytest.mark.parametrize(
    "texts",
    [
        {"31.02.2017"},
        {"31.03.2017", "x"},
        {"31.03.2017", "2017-03-31"},
        {"31.03.2017 25:00"},
        {"1.2.3"},
        {"13/13/2017"},
        set(),
    ],
)
def test_texts_that_are_no_dates_have_no_style(texts: set[str]) -> None:
    assert date_style(texts) is None


def test_day_and_month_that_may_change_places_are_left_to_a_person() -> None:
    style = date_style({"01/02/2017", "03/04/2017"})
    assert style is not None
    assert (style.type, style.pattern) == ("string", None)
    assert "dd/MM/yyyy or MM/dd/yyyy" in style.doubts[0]


@pytest.mark.parametrize(
    ("name", "texts", "pattern"),
    [
        ("order_date", {"20170131", "20161231"}, "yyyyMMdd"),
        ("created_at", {"1485820800"}, "epoch_seconds"),
        ("event_ts", {"1485820800123"}, "epoch_millis"),
        ("event_time", {"1485820800123456"}, "epoch_micros"),
        ("order_date", {"20170231"}, None),
        ("amount", {"20170131"}, None),
        ("created_at", {"12"}, None),
        ("customer_id", {"1485820800"}, None),
    ],
)
def test_numbers_count_days_or_moments_where_their_name_says_so(
    name: str, texts: set[str], pattern: str | None
) -> None:
    style = counted_style(name, texts)
    assert (style and style.pattern) == pattern
