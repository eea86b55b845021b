"""Files keep every byte but the rows of the person."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.personal_data.files import csv_without, json_lines_without
from cli.personal_data.subject import Subject

SUBJECT = Subject("customer_id", "7")
NAMES = ("customer_id", "CustomerNo")
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))


@given(st.lists(st.tuples(st.sampled_from(["7", "70", "17", "", "x"]), TEXT), max_size=8))
def test_a_csv_file_loses_the_rows_of_the_person_alone(rows: list[tuple[str, str]]) -> None:
    def written(chosen: list[tuple[str, str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows([("CustomerNo", "note"), *chosen])
        return out.getvalue().encode()

    rest = [row for row in rows if row[0] != "7"]
    assert csv_without(written(rows), SUBJECT, NAMES) == (written(rest), len(rows) - len(rest))


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        (b'{"customer_id": 7}', True),
        (b'{"customer_id": 7.0}', True),
        (b'{"CustomerNo": "7"}', True),
        (b'{"customer_id": 70}', False),
        (b'{"customer_id": true}', False),
        (b'{"other": 7}', False),
        (b'{"customer_id": 7, "cut', True),
        (b'{"customer_id": 71, "cut', False),
        (b"[7]", False),
        (b"\xff\xfe", False),
    ],
)
def test_a_line_of_json_is_of_the_person_by_its_column_alone(line: bytes, gone: bool) -> None:
    other = b'{"customer_id": 1, "note": "7"}\r\n'
    assert json_lines_without(other + line, SUBJECT, NAMES) == (other if gone else other + line, int(gone))
