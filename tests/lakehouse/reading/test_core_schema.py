"""Scalars without quotes mean what YAML 1.2 says; ruamel.yaml, which follows it, is the judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lakehouse.reading.core_schema import plain_value
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import parse_tree

WORDS = [
    "NO",
    "No",
    "no",
    "yes",
    "ON",
    "off",
    "y",
    "n",
    "true",
    "False",
    "null",
    "~",
    "12:30",
    "1e3",
    "1_000",
    ".5",
    "-.5",
]
TEXT = st.one_of(
    st.sampled_from(WORDS),
    st.from_regex(r"[-+]?[0-9]{1,6}(\.[0-9]{0,4})?([eE][-+]?[0-9]{1,2})?", fullmatch=True),
    st.from_regex(r"0[xo][0-9a-fA-F]{1,4}", fullmatch=True),
    st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,8}", fullmatch=True),
)


def by_ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(f"value: {text}\n")["value"]


@settings(max_examples=500, deadline=None)
@given(TEXT)
def test_a_plain_scalar_is_what_yaml_1_2_says(text: str) -> None:
    try:
        value = plain_value(text)
    except ValueError:
        assert text.lstrip("+-")[0] == "0"
        assert text.lstrip("+-").isdecimal()
        return
    # ruamel reads 1_000 as a number, too, which is an extension of its own.
    expected = text if "_" in text else by_ruamel(text)
    assert (value, type(value)) == (expected, type(expected))


def tree(text: str) -> tuple[Any, list[str]]:
    faults = Collector(Path("/"))
    located = parse_tree(text, Path("/x.dq.yml"), faults)
    return located.value if located else None, [str(f) for f in faults.faults]


def test_norway_is_no_false() -> None:
    assert tree("value_set: [NO, SE, on, 12:30, '05']") == (
        {"value_set": ["NO", "SE", "on", "12:30", "05"]},
        [],
    )


@pytest.mark.parametrize("number", ["0123", "007", "-01"])
def test_a_number_that_begins_with_0_is_a_fault_at_its_place(number: str) -> None:
    value, faults = tree(f"a: 1\nb: {number}\n")
    assert value is None
    assert faults == [
        f"x.dq.yml:2:4: LK002 is not YAML: {number} begins with 0; write '{number}' as text, "
        "or the number without the 0; wanted valid YAML"
    ]


def test_text_in_quotes_stays_text() -> None:
    assert tree("a: 'NO'\nb: \"12\"\nc: |\n  true\n")[0] == {"a": "NO", "b": "12", "c": "true\n"}
