"""A column on one line: each word is read, what is no word is refused, and it is written as it is read."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.contracts.short.column_line import LineError, parse_line, write_line


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("string | A name.", {"type": "string", "description": "A name."}),
        ("string? | A | b.", {"type": "string?", "description": "A | b."}),
        ("bigint key min=1 | Id.", {"type": "bigint", "key": True, "min": 1, "description": "Id."}),
        (
            "decimal(10,2)? optional pii=none min=-0.5 max=1e3 | USD.",
            {
                "type": "decimal(10,2)?",
                "optional": True,
                "tags": {"pii": "none"},
                "min": -0.5,
                "max": 1000.0,
                "description": "USD.",
            },
        ),
        (r"string pattern=^\d+\.$ | N.", {"type": "string", "pattern": r"^\d+\.$", "description": "N."}),
        ('string source="Full Name" | N.', {"type": "string", "source": "Full Name", "description": "N."}),
        ("string enum=a|b | E.", {"type": "string", "enum": ["a", "b"], "description": "E."}),
        ('string enum="a b|c" | E.', {"type": "string", "enum": ["a b", "c"], "description": "E."}),
        ("int enum=1|2 | E.", {"type": "int", "enum": [1, 2], "description": "E."}),
        ("boolean? enum=true | E.", {"type": "boolean?", "enum": [True], "description": "E."}),
        (
            "string from=silver.a.b,silver.a.c | D.",
            {"type": "string", "from": ["silver.a.b", "silver.a.c"], "description": "D."},
        ),
        ("array<struct<a:int>>? | L.", {"type": "array<struct<a:int>>?", "description": "L."}),
    ],
)
def test_each_word_of_a_line_is_a_key_of_the_column(line: str, column: dict[str, Any]) -> None:
    assert parse_line(line) == column
    assert parse_line(write_line(column) or "") == column


@pytest.mark.parametrize(
    ("line", "message", "among"),
    [
        ("strin | A.", "'strin' is no type", "string"),
        ("key string | A.", "'key' is no type", ""),
        ("pii=none string | A.", "'pii=none' is no type", ""),
        ("string kez | A.", "'kez' is no word of a column", "key"),
        ("string min=1 min=2 | A.", "'min' stands twice", ""),
        ("string pii=a pii=b | A.", "'pii' stands twice", ""),
        ("bigint min=one | A.", "'one' is no number", ""),
        ("bigint min=١ | A.", "'١' is no number", ""),
        ("boolean enum=yes | A.", "'yes' is neither true nor false", "true"),
        ("string pii=none", "has no description", ""),
        ("string |", "has no description", ""),
        ("", "has no description", ""),
        ('string source="\\q" | A.', "is no quoted text", ""),
    ],
)
def test_line_that_is_no_column_says_what_is_wrong(line: str, message: str, among: str) -> None:
    with pytest.raises(LineError) as error:
        parse_line(line)
    assert message in str(error.value)
    assert not among or among in error.value.among


TEXT = st.text(max_size=12)
COLUMN = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "string?", "map<string,int>"]), "description": TEXT},
    optional={
        "key": st.just(True),
        "tags": st.dictionaries(st.sampled_from(["pii", "confidentiality"]), TEXT, min_size=1),
        "pattern": TEXT,
        "source": TEXT,
        "min_length": st.integers(0, 99),
        "enum": st.lists(TEXT, min_size=1, max_size=3),
        "from": st.lists(TEXT, min_size=1, max_size=3),
    },
)


@given(COLUMN)
def test_line_that_is_written_says_the_same_or_is_not_written(column: dict[str, Any]) -> None:
    line = write_line(column)
    assert line is None or parse_line(line) == column


@given(st.text(max_size=60))
def test_any_text_is_a_column_or_one_clear_error(text: str) -> None:
    with contextlib.suppress(LineError):
        assert parse_line(text)["description"]
