"""Java reads every pattern that `lakehouse validate` takes, and finds what JSON Schema's words say."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from py4j.protocol import Py4JJavaError
from pyspark.errors import IllegalArgumentException
from pyspark.sql import SparkSession

from lakehouse.contracts.regex import java_pattern, matches
from lakehouse.contracts.regex_cost import pattern_cost
from lakehouse.contracts.regex_portability import portability_fault
from tests.glue_jobs.contract.regex_steps import LIMIT, adversaries, steps
from tests.lakehouse.contracts.test_regex_cost import COSTLY, LINEAR

VALUES = [
    *[
        "DE",
        "DE\n",
        "DE\r\n",
        "DE\u2028",
        "DE\u0085",
        "\nDE",
        "D",
        "",
        "a\u00e9 b",
        "\u0663",
        "a-b_c",
        "\x0b",
    ],
    *["", "\U0001f600", "a\ufeffb", "12", "aab", "]", "{", "&&", "\u212a", "k", "\x00"],
]
SOUND = r"a E \d \w \s \D \W \S . [A-Z] [^a] [\w-] [^\s@] \b \B ^ $ \Z \. \- \{ ] } && é 😀 [\]\[] - \x00"
FURTHER = r'\u2028 \n [&] # ~ / " [{(?P<] (?i:k) \v (?u)a \1 \_'
REFUSED = (
    r"[[a] (?P<n>a) \0 { [a&&b] [\b] (?#x) \Q \p{L} {,3} (?<n>a) (?(1)a|b) (?a)a (?L)a a{3000000000} a{2 \08"
    r" [a-z *a (?'n'a) \U0001f600 \k<n> \y (?x)a \N{DOT} [[:alpha:]]"
)
ATOMS = [*SOUND.split(" "), *FURTHER.split(" "), *REFUSED.split(" "), " "]
PATTERNS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.tuples(inner, inner).map("|".join),
        st.tuples(st.sampled_from(["(", "(?:", "(?=", "(?!", "(?>"]), inner).map(lambda t: f"{t[0]}{t[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}?", "{1,}", "?+"])).map("".join),
    ),
    max_leaves=6,
)

# Java 9 and later remember where a group without a reference to it has failed: these are quick there alone.
REMEMBERED = (
    r"(?:a*)*b",
    r"(a?){20}b",
    r"(a|a)*b",
    r"^(a|aa)+$",
    r"(?i)^(ka|Ka)+$",
    r"^(?i:(?:\u017fa|sa)+)$",
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(PATTERNS)
def test_java_reads_what_validate_takes(spark: SparkSession, pattern: str) -> None:
    if portability_fault(pattern) is not None:
        return
    java = spark._jvm.java.util.regex.Pattern  # type: ignore[union-attr]
    java.compile(pattern)
    translated = java.compile(java_pattern(pattern))
    for value in VALUES:
        assert translated.matcher(value).find() == matches(pattern, value), (pattern, value)


def test_what_java_refuses_is_refused_by_validate(spark: SparkSession) -> None:
    java, refused = spark._jvm.java.util.regex.Pattern, []  # type: ignore[union-attr]
    for pattern in ATOMS:
        try:
            java.compile(pattern)
        except (IllegalArgumentException, Py4JJavaError):
            refused.append(pattern)
    assert len(refused) > 10
    assert [pattern for pattern in refused if portability_fault(pattern) is None] == []


def growth(spark: SparkSession, pattern: str, length: int, limit: int = LIMIT) -> float:
    """How much more Java looks at for twice the length, for the worst text; infinite beyond the limit."""
    worst = 0.0
    texts = zip(adversaries(pattern, length), adversaries(pattern, 2 * length), strict=True)
    for text, longer in texts:
        one, two = (steps(spark, java_pattern(pattern), t, limit) for t in (text, longer))
        if one < 0 or two < 0:
            return float("inf")
        worst = max(worst, two / (one + length))
    return worst


@pytest.mark.parametrize("pattern", LINEAR)
def test_java_reads_a_long_value_of_an_accepted_pattern_in_one_go(spark: SparkSession, pattern: str) -> None:
    assert growth(spark, pattern, 20_000) < 2.5


@pytest.mark.parametrize("pattern", [p for p in COSTLY if p not in REMEMBERED])
def test_java_looks_again_and_again_at_a_value_of_a_refused_pattern(
    spark: SparkSession, pattern: str
) -> None:
    # Rounds of a group need a longer text to come to the end of the stack.
    length = 20_000 if COSTLY[pattern] == 1_000 else 500
    assert growth(spark, pattern, length, limit=2_000_000) > 2.5


@pytest.mark.parametrize("pattern", [p for p, longest in COSTLY.items() if longest])
def test_java_ends_for_the_longest_value_that_a_pattern_is_asked_of(
    spark: SparkSession, pattern: str
) -> None:
    texts = [text for text in adversaries(pattern, COSTLY[pattern] - 10) if text.endswith("!")]
    assert all(steps(spark, java_pattern(pattern), text) >= 0 for text in texts)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(PATTERNS)
def test_java_reads_any_pattern_that_is_taken_in_one_go(spark: SparkSession, pattern: str) -> None:
    if portability_fault(pattern) is None and pattern_cost(pattern).longest is None:
        assert growth(spark, pattern, 2_000) < 2.5, pattern
