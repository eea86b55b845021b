"""How the numbers of text files are written: what stands before decimals, and what parts thousands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from cli.onboard.profile import NULL_WORDS
from cli.onboard.sample import Sample
from lakehouse.contracts.file_forms import NUMBER_SIGNS

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class NumberStyle:
    """`thousands`: None where nothing parts them."""

    decimal: str
    thousands: str | None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        groups = f"[0-9]{{1,3}}(?:{NUMBER_SIGNS[self.thousands]}[0-9]{{3}})+|" if self.thousands else ""
        return re.compile(rf"-?(?:{groups}[0-9]+)(?:{NUMBER_SIGNS[self.decimal]}[0-9]+)?")

    def reads(self, texts: set[str]) -> bool:
        """Whether all texts are numbers of this style."""
        return all(map(self._pattern.fullmatch, texts))

    def plain(self, text: str) -> str:
        """A number of this style with a point and without signs between thousands."""
        if self.thousands:
            text = re.sub(NUMBER_SIGNS[self.thousands], "", text)
        return text.replace(self.decimal, ".")


_STYLES = tuple(
    NumberStyle(decimal, thousands)
    for decimal, thousands in (
        *((",", None), (",", "."), (",", " "), (",", "'")),
        *((".", ","), (".", " "), (".", "'")),
    )
)


def with_plain_numbers(sample: Sample) -> Sample:
    """The sample with its numbers as `1234.5`, and with the style of them in its form.

    Where two styles read the same columns as different numbers, they stay texts, and a person must decide.
    """
    key = next((name for name in ("csv", "fixed") if name in sample.form), "csv")
    if sample.form.get("format") not in ("csv", "fixed_width"):
        return sample
    columns = [_texts(values) for values in zip(*sample.rows, strict=True)]
    styles = _fitting(columns)
    if not styles:
        return sample
    best, others = styles[0], [style for style in styles[1:] if style.decimal != styles[0].decimal]
    if others:
        return replace(sample, doubts=(*sample.doubts, _doubt(best, others[0], columns)))
    stated: dict[str, Any] = {"decimal": best.decimal} if best.decimal != "." else {}
    stated |= {"thousands": best.thousands} if best.thousands else {}
    numbers = [bool(texts) and best.reads(texts) for texts in columns]
    rows = [
        tuple(_plain(best, value) if number else value for value, number in zip(row, numbers, strict=True))
        for row in sample.rows
    ]
    form = {**sample.form, key: {**sample.form.get(key, {}), **stated}}
    return replace(sample, form=form, rows=rows)


def _doubt(one: NumberStyle, other: NumberStyle, columns: Sequence[set[str]]) -> str:
    """Two readings of a number, for a person to decide between."""
    numbers = (text for texts in columns if _gained(one, texts) for text in sorted(texts))
    text = next(text for text in numbers if not _PLAIN.fullmatch(text))
    return (
        f"'{text}' is {one.plain(text)} or {other.plain(text)}: state `decimal` or `thousands` of the source"
    )


def _texts(values: Sequence[str | None]) -> set[str]:
    """The distinct texts of a column, without words for null."""
    return {value for value in values if value is not None} - set(NULL_WORDS)


def _plain(style: NumberStyle, value: str | None) -> str | None:
    return value if value is None or value in NULL_WORDS else style.plain(value)


def _gained(style: NumberStyle, texts: set[str]) -> bool:
    """Whether a column has numbers by a style, and has none without it."""
    return bool(texts) and not all(map(_PLAIN.fullmatch, texts)) and style.reads(texts)


def _fitting(columns: Sequence[set[str]]) -> list[NumberStyle]:
    """The styles that make numbers of most columns, and take none from those that have some."""
    gains = {}
    for style in _STYLES:
        has_numbers = [texts for texts in columns if texts and all(map(_PLAIN.fullmatch, texts))]
        if all(map(style.reads, has_numbers)):
            gains[style] = sum(_gained(style, texts) for texts in columns)
    most = max(gains.values(), default=0)
    return [style for style, gained in gains.items() if gained == most > 0]
