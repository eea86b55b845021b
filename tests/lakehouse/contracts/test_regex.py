"""Patterns mean what JSON Schema means by them, and what Java cannot read is refused with its spelling."""

from __future__ import annotations

import pytest

from lakehouse.contracts.regex import java_pattern, matches
from lakehouse.contracts.regex_portability import portability_fault

LINE_ENDS = ["\n", "\r", "\r\n", "\u2028", "\u2029", "\u0085", " ", "\x0b", "\n\n"]


@pytest.mark.parametrize("end", LINE_ENDS)
@pytest.mark.parametrize("pattern", [r"^[A-Z]{2}$", r"^(?:DE|FR)\Z", r"(?i)^de$", "^D|DE$|^X$"])
def test_dollar_is_the_very_end_of_the_value(pattern: str, end: str) -> None:
    assert matches(pattern, "DE")
    assert not matches(pattern.removeprefix("^D|"), f"DE{end}")
    assert not matches(pattern.removeprefix("^D|"), f"{end}DEx")


@pytest.mark.parametrize(
    ("pattern", "sound", "broken"),
    [
        ("b", "abc", "ac"),
        (r"^\d$", "7", "\u0667"),
        (r"^\w$", "k", "\u00e9"),
        (r"\bcaf\b", "a caf b", "cafe"),
        (r"caf\b", "caf\u00e9", "cafe"),
        ("^a.b$", "a\u0085b", "a\u2028b"),
        ("^(?s:a.b)$", "a\nb", "ab"),
        (r"^\S$", "\u200b", "\ufeff"),
        (r"^\v$", "\x0b", "\n"),
        ("^[^]]$", "x", "]"),
        (r"^(a)\1$", "aa", "ab"),
        (r"^[\w-]+$", "a-b", "a+b"),
        ("^\U0001f600{2}$", "\U0001f600\U0001f600", "\U0001f600"),
    ],
)
def test_other_parts_mean_what_ecma_262_says(pattern: str, sound: str, broken: str) -> None:
    assert portability_fault(pattern) is None
    assert matches(pattern, sound)
    assert not matches(pattern, broken)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("^(?P<c>[A-Z]{3})$", "without a name"),
        ("(?P<a>x)(?P=a)", "without a name"),
        ("(a)?(?(1)b|c)", "no counterpart"),
        ("a(?#why)b", "no comment"),
        ("[[a]", r"\["),
        ("[a&&b]", r"\&\&"),
        ("a{,3}", "{0,3}"),
        ("a{", r"\{"),
        (r"\0", r"\x00"),
        (r"[\07]", r"\x00"),
        (r"[\b]", r"\x08"),
        ("(?m)^a$", "only i and s"),
        ("(?x)a b", "only i and s"),
        ("(?a:a)", "only i and s"),
        (r"\N{DIGIT ONE}", "the character itself"),
        (r"\U0001F600", "the character itself"),
        (r"\ud83d\ude00", "the character itself"),
        ("[\ud83d]", "the character itself"),
        (r"\p{L}", "bad escape"),
        ("(?<n>a)", "unknown extension"),
        ("(?<=a*)b", "look-behind requires fixed-width"),
        ("(?<=a|bc)d", "look-behind requires fixed-width"),
        (r"\h\R", "bad escape"),
        ("a{3000000000}", "too large"),
        ("(", "missing )"),
        ("[b-a]", "bad character range"),
        ("x**", "multiple repeat"),
    ],
)
def test_what_one_engine_reads_otherwise_is_refused_with_its_spelling(pattern: str, wanted: str) -> None:
    assert wanted in str(portability_fault(pattern))


@pytest.mark.parametrize(
    "pattern", [r"\(?P<", "[(?P<{]", r"\\$", r"[\[\]&]", "(?i:a)", "(?>a)b++", "[]a]", "a{2,}", r"\{", "^$"]
)
def test_sound_spellings_are_taken(pattern: str) -> None:
    assert portability_fault(pattern) is None


def test_usual_pattern_keeps_its_look() -> None:
    assert java_pattern("^[A-Z]{2}$") == r"^[A-Z]{2}\z"
    assert java_pattern("^https?://[^/]+") == "^https?+://[^/]++"
