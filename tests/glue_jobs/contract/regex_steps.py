"""Counts the characters that Java looks at while it searches a text for a pattern."""

from __future__ import annotations

from collections import deque
from functools import cache
from typing import Any

from pyspark.sql import SparkSession

from lakehouse.contracts.regex_automaton import Automaton, automaton_of

# Compiled by the compiler that Spark brings. -1: more than the limit; -2: the stack ended.
_SOURCE = """
public class Steps implements CharSequence {
    private final String text; private final long[] count; private final long limit;
    public Steps(String text, long[] count, long limit) {
        this.text = text; this.count = count; this.limit = limit;
    }
    public char charAt(int i) {
        if (++count[0] > limit) throw new IllegalStateException("limit");
        return text.charAt(i);
    }
    public int length() { return text.length(); }
    public CharSequence subSequence(int a, int b) { return text.subSequence(a, b); }
    public String toString() { return text; }
    public static long of(String pattern, String text, long limit) {
        long[] count = new long[1];
        try {
            java.util.regex.Pattern.compile(pattern).matcher(new Steps(text, count, limit)).find();
        } catch (IllegalStateException e) { return -1L; } catch (StackOverflowError e) { return -2L; }
        return count[0];
    }
}
"""
LIMIT = 60_000_000
OVER, OVERFLOW = -1, -2


@cache
def _method(spark: SparkSession) -> Any:
    jvm: Any = spark._jvm
    compiler = jvm.org.codehaus.janino.SimpleCompiler()
    compiler.cook(_SOURCE)
    steps = compiler.getClassLoader().loadClass("Steps")
    return next(m for m in steps.getMethods() if m.getName() == "of")


def steps(spark: SparkSession, pattern: str, text: str, limit: int = LIMIT) -> int:
    """The characters looked at; OVER for more than the limit, OVERFLOW for the end of the stack."""
    jvm: Any = spark._jvm
    arguments = spark.sparkContext._gateway.new_array(jvm.java.lang.Object, 3)  # type: ignore[union-attr]
    arguments[0], arguments[1], arguments[2] = pattern, text, jvm.java.lang.Long.valueOf(limit)
    return int(_method(spark).invoke(None, arguments))


def adversaries(pattern: str, length: int) -> list[str]:
    """Texts that walk to a loop of a pattern, go round it or towards another one many times, and fail."""
    automaton = automaton_of(pattern)
    loops = [q for q in automaton.edges if _walk(automaton, q, q)]
    texts: dict[str, None] = {}
    for loop in loops:
        path = _walk(automaton, None, loop) or ""
        for other in loops:
            round_trip = _walk(automaton, loop, other)
            if round_trip:
                text = path + round_trip * (length // len(round_trip))
                texts |= dict.fromkeys(
                    text + end for end in ("", "\n", "!", "\x00", round_trip[0] + "\u2028")
                )
    return list(texts)


def _walk(automaton: Automaton, start: int | None, goal: int) -> str | None:
    """The shortest text from a state, or from the beginning, to another."""
    first = automaton.starts if start is None else automaton.edges[start]
    waiting = deque((q, _letter(automaton, q)) for q in first)
    reached = set(first)
    while waiting:
        state, text = waiting.popleft()
        if state == goal:
            return text
        for q in automaton.edges[state]:
            if q not in reached:
                reached.add(q)
                waiting.append((q, text + _letter(automaton, q)))
    return None


def _letter(automaton: Automaton, state: int) -> str:
    chars = automaton.chars[state]
    # A letter, where the class has one: other parts of the pattern have it as well.
    codes = [c for c in (*b"a1A0 ,.-", chars[0][0]) if any(low <= c <= high for low, high in chars)]
    return chr(codes[0]) if 0 <= codes[0] <= 0x10FFFF else ""
