"""Words that stand for true and false in text files, such as TRUE, yes or Y."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# 0 and 1 are whole numbers.
_SURE = (("true", "false"), ("TRUE", "FALSE"), ("True", "False"))
_OTHERS = (("yes", "no"), ("Yes", "No"), ("YES", "NO"), ("Y", "N"), ("y", "n"))


def boolean_doubts(texts: set[str]) -> tuple[str, ...] | None:
    """What is unsure of a column of these texts as booleans; None where it is none.

    A column that has yes alone, and never no, may be of any other words.
    """
    if any(texts and texts <= set(pair) for pair in _SURE):
        return ()
    pair = next((pair for pair in _OTHERS if texts == set(pair)), None)
    return (f"{pair[0]} and {pair[1]} are kept as true and false",) if pair else None


def with_words(
    form: Mapping[str, Any], nulls: Iterable[str], booleans: Iterable[Iterable[str | None]]
) -> dict[str, Any]:
    """A source's facts of its form with the words for null, and those of its columns of booleans."""
    pairs = (*_SURE[1:], *_OTHERS) if form.get("format") in ("csv", "fixed_width") else ()
    found = {text for texts in booleans for text in texts}
    words = {
        "nulls": list(nulls),
        "true_values": [true for true, false in pairs if found & {true, false}],
        "false_values": [false for true, false in pairs if found & {true, false}],
    }
    stated = {name: texts for name, texts in words.items() if texts}
    if not stated:
        return dict(form)
    key = "fixed" if "fixed" in form else "csv"
    return {**form, key: {**form.get(key, {}), **stated}}
