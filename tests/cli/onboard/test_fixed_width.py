"""Fields of fixed width are found by the blanks between them, and no character is left out."""

from __future__ import annotations

import pytest

from cli.onboard.fixed_width import fixed_lines

LINES = ["Ann     Bern    12.50", "Bob     Zug      3.00", "Catrin  Geneva 100.00"]


def test_blanks_belong_to_the_text_before_or_to_the_number_after_them() -> None:
    fields = fixed_lines(LINES)
    assert fields is not None
    assert fields.spans == ((1, 8), (9, 14), (15, 21))
    assert [fields.cells(line) for line in LINES] == [
        ("Ann", "Bern", "12.50"),
        ("Bob", "Zug", "3.00"),
        ("Catrin", "Geneva", "100.00"),
    ]


def test_a_line_that_is_longer_than_the_fields_is_broken() -> None:
    fields = fixed_lines(LINES)
    assert fields is not None
    assert [fields.is_whole(line) for line in (LINES[0], LINES[0] + " ", LINES[0] + "x", "Ann")] == [
        True,
        True,
        False,
        False,
    ]


def test_lines_that_end_early_have_fields_that_stand_apart() -> None:
    fields = fixed_lines(["Ann   Bern   x", "Bob   Zug", "Cat   Genf   yyy"])
    assert fields is not None
    assert (len(fields.spans), fields.ragged) == (3, True)


@pytest.mark.parametrize(
    "lines",
    [["name", "Ann Lee", "Bob Ray"], ["abc", "def"], ["a b c"], ["Ann Lee", "Bo Raymond", "Catrin X"]],
)
def test_other_texts_have_no_fields(lines: list[str]) -> None:
    assert fixed_lines(lines) is None
