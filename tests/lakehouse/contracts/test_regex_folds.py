"""Letters in another case are those of ECMA-262 with the flags i and u; Node's own engine is the judge."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

import infra.bindings  # noqa: F401 (says where Node is)
from lakehouse.contracts.regex import matches, portable_pattern
from lakehouse.contracts.regex_folds import any_case
from lakehouse.contracts.regex_portability import portability_fault

# Every character with a case → those that a pattern of it alone finds.
FORMS = """
const cased = JSON.parse(require("fs").readFileSync(0, "utf8")), forms = {};
for (const code of cased) {
  const pattern = new RegExp(`^\\\\u{${code.toString(16)}}$`, "iu");
  forms[code] = cased.filter((other) => pattern.test(String.fromCodePoint(other)));
}
console.log(JSON.stringify(forms));
"""
# Each as ECMA-262 writes it, without its flag; and values, of which some match.
PATTERNS = [
    "^stra\u00dfe$",
    "^[a-k]$",
    "^[^k]$",
    "^\\w$",
    "^\\W$",
    "^i$",
    "^\u03c3+$",
    "^[\u00e0-\u00e5]$",
    "a\\b",
]
VALUES = [
    *[
        "stra\u1e9ee",
        "STRA\u1e9eE",
        "strasse",
        "K",
        "\u212a",
        "\u017f",
        "I",
        "\u0130",
        "\u0131",
        "\u03c2\u03a3",
    ],
    *["\u00c5", "\u212b", "a\u017f", "a-", "\u00df", "k", "s"],
]
MATCHES = """
const [patterns, values] = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(patterns.map((p) => values.filter((v) => new RegExp(p, "iu").test(v)))));
"""


def by_node(script: str, value: object) -> object:
    node = [os.environ["JSII_NODE"], "-e", script]
    answer = subprocess.run(node, input=json.dumps(value), capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def test_the_forms_of_every_letter_are_those_of_ecma_262() -> None:
    cased = [c for c in range(0x110000) if chr(c).lower() != chr(c) or chr(c).upper() != chr(c)]
    ours = {str(c): sorted(x for low, high in any_case(c, c) for x in range(low, high + 1)) for c in cased}
    assert ours == by_node(FORMS, cased)


def test_a_pattern_that_ignores_case_finds_what_ecma_262_finds() -> None:
    ours = [[v for v in VALUES if matches(f"(?i){p}", v)] for p in PATTERNS]
    assert ours == by_node(MATCHES, [PATTERNS, VALUES])


def test_the_flag_holds_where_it_stands() -> None:
    assert [matches("^a(?i:b)c$", v) for v in ("abc", "aBc", "Abc", "aBC")] == [True, True, False, False]
    assert [matches("(?i)^a(?-i:b)c$", v) for v in ("ABC", "AbC")] == [False, True]
    assert "(?i" not in portable_pattern("(?i)^(?i:k)$")


def test_a_reference_to_a_group_in_any_case_is_refused() -> None:
    with pytest.raises(re.error, match="flag i"):
        portable_pattern(r"(?i)(a)\1")
    assert "flag i" in str(portability_fault(r"(?i)(a)\1"))
