"""Whether the first line names the columns is told by the lines after it."""

from __future__ import annotations

import pytest

from cli.onboard.header import has_header


@pytest.mark.parametrize(
    ("first", "following", "is_header"),
    [
        (["id", "name"], [["1", "Ann"]], True),
        (["1", "Ann"], [["2", "Bob"]], False),
        (["2017-01-31", "Ann"], [["2017-02-01", "Bob"]], False),
        (["31.01.2017 10:00", "Ann"], [["01.02.2017 11:00", "Bob"]], False),
        (["name", "city"], [["Ann", "Bern"]], True),
        (["country", "1999", "2000"], [["CH", "1.5", "2.5"]], True),
        (["country", "1999", "2004"], [["CH", "1.5", "2.5"], ["DE", "1", "2"]], True),
        (["CH", "1.5", "2000"], [["DE", "1", "2"]], False),
        (["1", "2"], [], False),
        (["a", "b"], [], True),
        (["id", "", "x"], [["1", "", "y"]], True),
    ],
)
def test_names_stand_where_values_stand_below(
    first: list[str], following: list[list[str]], is_header: bool
) -> None:
    assert has_header(first, following) is is_header
