"""What the values of a column say of it: their type, their bounds, and whether they tell rows apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from cli.onboard.boolean_words import boolean_doubts
from cli.onboard.date_style import counted_style, date_style
from cli.onboard.number_bounds import FLOAT, bounds, is_finite
from cli.onboard.sample import StatedType

# Texts that people write where there is no value.
NULL_WORDS = ("NA", "N/A", "n/a", "NULL", "null", "None", "nan", "NaN", "\\N", "-", "?")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.([0-9]+)")
_BEYOND = "some of its numbers are beyond a double: their rows go to quarantine"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[-+][0-9]{2}:[0-9]{2})?"
)
_LONGEST_INTEGER, _LONGEST_DECIMAL = 18, 38
_Words = tuple[str, ...] | None


@dataclass(frozen=True)
class Profile:
    """A column. `nulls`: the words for null that it holds, which its type needs; `doubts`: for a person.

    `date_format`: how its dates or times are written, where it is not ISO 8601.
    """

    name: str
    type: str
    nullable: bool
    distinct: int
    values: int
    low: str | None = None
    high: str | None = None
    longest: int = 0
    few: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    date_format: str | None = None
    doubts: tuple[str, ...] = field(default=())


def profile(
    name: str,
    values: Sequence[str | None],
    json_kinds: frozenset[str] = frozenset(),
    stated: StatedType | None = None,
    *,
    null_words: bool = True,
    date_formats: bool = False,
) -> Profile:
    """The column of these texts; None is null.

    `json_kinds`: the JSON types of its values, where known. `stated`: what the source itself says of it.
    `null_words`: whether some texts may mean null. `date_formats`: whether its contract may state how dates
    are written.
    """
    texts = {value for value in values if value is not None}
    if stated:
        typed = _Typed(stated.type, (stated.doubt,) if stated.doubt else ())
    else:
        words = tuple(w for w in NULL_WORDS if w in texts) if null_words and not json_kinds else None
        typed = _typed(name, texts, json_kinds, words, date_formats=date_formats)
    real = texts - set(typed.nulls)
    low, high = (None, None) if typed.date_format else bounds(real, typed.type)
    return Profile(
        name,
        typed.type,
        nullable=any(value is None or value in typed.nulls for value in values),
        distinct=len(texts),
        values=len(values),
        low=low,
        high=high,
        longest=max(map(len, texts), default=0),
        few=tuple(sorted(real)) if typed.type == "string" and _are_few(len(real), len(values)) else (),
        nulls=typed.nulls,
        date_format=typed.date_format,
        doubts=typed.doubts,
    )


@dataclass(frozen=True)
class _Typed:
    type: str
    doubts: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    date_format: str | None = None


def _typed(
    name: str, texts: set[str], json_kinds: frozenset[str], words: _Words, *, date_formats: bool
) -> _Typed:
    """The type of a column, first as its texts stand, then without `words` for null.

    `words`: None where the source can state no words, of booleans neither.
    """
    if not texts:
        return _Typed("string", ("it has no value in these files: its type is a guess",))
    first: _Typed | None = None
    for nulls in ((), words) if words else ((),):
        typed = _typed_texts(name, texts - set(nulls), json_kinds, date_formats=date_formats)
        if words is not None and (doubts := boolean_doubts(texts - set(nulls))) is not None:
            typed = _Typed("boolean", doubts)
        first = first or typed
        if typed.type != "string":
            return replace(typed, nulls=nulls)
    return first or _Typed("string")


def _typed_texts(name: str, texts: set[str], json_kinds: frozenset[str], *, date_formats: bool) -> _Typed:
    kind, doubts = _type(texts, json_kinds)
    style = None
    if date_formats and kind == "string" and json_kinds <= {"string"}:
        style = date_style(texts)
    elif date_formats and kind == "bigint":
        style = counted_style(name, texts)
    return _Typed(style.type, style.doubts, date_format=style.pattern) if style else _Typed(kind, doubts)


def _are_few(distinct: int, rows: int) -> bool:
    """Whether values come so often that they look like a list of choices."""
    return 0 < distinct <= 12 and distinct * 20 <= rows


def _type(texts: set[str], json_kinds: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """(Spark type, doubts) of the values of a column."""
    if "nested" in json_kinds:
        return "string", ("objects or lists are kept as their JSON text",)
    if len(json_kinds) > 1:
        kinds = " and ".join(sorted(json_kinds))
        return "string", (f"its values are {kinds} in JSON: rows of one kind go to quarantine",)
    if not texts:
        return "string", ()
    if texts <= {"true", "false"} and json_kinds <= {"boolean"}:
        return "boolean", ()
    if all(map(_INTEGER.fullmatch, texts)) and json_kinds <= {"number"}:
        return _integer(max(len(text.lstrip("-")) for text in texts))
    if all(_INTEGER.fullmatch(t) or _DECIMAL.fullmatch(t) for t in texts) and json_kinds <= {"number"}:
        return _decimal(texts)
    if all(map(FLOAT.fullmatch, texts)) and json_kinds <= {"number"}:
        beyond = () if all(map(is_finite, texts)) else (_BEYOND,)
        return "double", ("it is stored as the nearest double; money wants a decimal", *beyond)
    if json_kinds == {"number"}:
        return "double", (_BEYOND,)
    if all(map(_is_date, texts)):
        return "date", ()
    if all(_is_date(text) or _is_time(text) for text in texts):
        zoned = all(_is_date(text) or ((m := _TIME.fullmatch(text)) and m[3]) for text in texts)
        return "timestamp", () if zoned else ("its times name no zone and are taken as UTC",)
    return "string", ()


def _integer(digits: int) -> tuple[str, tuple[str, ...]]:
    if digits <= _LONGEST_INTEGER:
        return "bigint", ()
    if digits <= _LONGEST_DECIMAL:
        return f"decimal({_LONGEST_DECIMAL},0)", ()
    return "string", ("its numbers have more digits than any type of numbers holds",)


def _decimal(texts: set[str]) -> tuple[str, tuple[str, ...]]:
    """A decimal that holds each value as it is, with room for larger ones."""
    whole = max(len(text.lstrip("-").split(".")[0]) for text in texts)
    scale = max(len(text.partition(".")[2]) for text in texts)
    if whole + scale > _LONGEST_DECIMAL:
        return "double", ("a decimal does not hold its digits; a double rounds them",)
    precision = min(_LONGEST_DECIMAL, max(18, whole + scale + 3))
    doubts = (f"its values have up to {scale} digits behind the point: one with more goes to quarantine",)
    return f"decimal({precision},{scale})", doubts


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        return date.fromisoformat(text) is not None
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    parts = _TIME.fullmatch(text)
    if not parts:
        return False
    try:
        return datetime.fromisoformat(text.replace(" ", "T")) is not None
    except ValueError:
        return False
