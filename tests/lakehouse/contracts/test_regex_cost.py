"""Patterns for which one value may cost minutes are told from those that are read in one go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.contracts.regex_cost import pattern_cost
from lakehouse.contracts.regex_shape import is_deterministic
from tests.lakehouse.contracts.builders import BRONZE, faults_of, write

# Pattern → whether each character says what it matches.
LINEAR = {
    r"^[A-Z]{2}$": True,
    r"\d+": False,
    r"^\d+x": True,
    r"^a*b": True,
    r"^\+?[0-9]{1,3}[ -]?[0-9]{4,14}$": False,
    r"^(?=.*\d)(?=.*[a-z]).{8,}$": False,
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$": True,
    r"^(?:a|b)*$": True,
    r"^(?:[^,]*,){3}[^,]*$": True,
    r"^(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$": False,
    r"^https?://[^\s/]+(?:/\S*)?$": True,
    r"^[^@\s]+@[^@\s][^@\s.]*\.[^@\s]+$": True,
    r"^([\"'])[^\"']*\1$": False,
    r"(?i)^[a-z]+$": True,
    r"a.\d": False,
    r"x*": False,
    r"^.{1,255}$": True,
    r"^a.*": True,
    r"foo|bar": False,
}
# Pattern → the longest value that it may be asked of.
COSTLY = {
    r"\d+x": 5_000,
    r".*x": 5_000,
    r"^.*foo.*$": 5_000,
    r"^\s+|\s+$": 5_000,
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$": 5_000,
    r"^.*a.*b.*$": 300,
    r"^(.*,)*x$": 0,
    r"^(a+)+$": 0,
    r"(a|a)*b": 0,
    r"^(a|aa)+$": 0,
    r"^(\w+\s?)*$": 0,
    r"(?:a*)*b": 0,
    r"^(([a-z])+.)+[A-Z]([a-z])+$": 0,
    r"(a?){20}b": 0,
    r"(?i)^(ka|Ka)+$": 0,
    r"^(?i:(?:\u017fa|sa)+)$": 0,
    r"^(?:[a-z]{1,50}){1,50}1$": 0,
    r"^(?:[a-z]+,)*[a-z]+$": 1_000,
    r"^(?:.|\n)*x$": 1_000,
}


@pytest.mark.parametrize("pattern", LINEAR)
def test_what_is_read_in_one_go_is_taken_for_values_of_any_length(pattern: str) -> None:
    assert pattern_cost(pattern).longest is None
    assert is_deterministic(pattern) == LINEAR[pattern]


@pytest.mark.parametrize("pattern", COSTLY)
def test_what_may_be_read_in_many_ways_has_a_longest_value(pattern: str) -> None:
    assert pattern_cost(pattern).longest == COSTLY[pattern]
    assert not is_deterministic(pattern)


@pytest.mark.parametrize(
    ("pattern", "max_length", "codes"),
    [
        ("^(a+)+$", 10, ["LK231"]),
        (r"^.*a.*b.*$", None, ["LK231"]),
        (r"^.*a.*b.*$", 301, ["LK231"]),
        (r"^.*a.*b.*$", 300, []),
        (r"\d+x", None, []),
        ("^a+$", None, []),
    ],
)
def test_a_costly_pattern_of_a_contract_needs_short_values(
    pattern: str, max_length: int | None, codes: list[str], tmp_path: Path
) -> None:
    document = json.loads(BRONZE)
    column = {"type": ["string", "null"], "description": "A text.", "pattern": pattern}
    document["properties"]["word"] = column | ({"maxLength": max_length} if max_length else {})
    write(tmp_path, "bronze.orders", json.dumps(document, indent=1))
    if codes:
        assert [f.code for f in faults_of(tmp_path)] == codes
    else:
        assert load_schemas(tmp_path).contracts["bronze.orders"].by_name["word"]
