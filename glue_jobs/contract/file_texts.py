"""Texts of files as the texts that `typed_text` reads: numbers with a point, times in ISO 8601.

The expressions are SQL. A text that is not of its stated form becomes null, as one that is no value.
"""

from __future__ import annotations

from collections.abc import Callable

from glue_jobs.contract.sql_literals import literal
from glue_jobs.contract.texts import APPROXIMATE_TYPES, INTEGRAL_TYPES, typed_text
from lakehouse.contracts.contract import Column
from lakehouse.contracts.date_format import DateFormat, date_format
from lakehouse.contracts.file_forms import NUMBER_SIGNS, TextForm
from lakehouse.contracts.source_document import Source

_MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_ISO_MICROS = "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"
_OFFSET = r"[T ][0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})\z"


def typed_value(text: str, column: Column, source: Source | None) -> str:
    """The SQL expression of a text of the source as a value of the column. `text`: a SQL expression."""
    if source is None:
        return typed_text(text, column.type)
    if _is_number(column.type) and source.text_form.has_own_numbers:
        return typed_text(_with_point(text, source.text_form), column.type)
    if column.type == "boolean":
        return typed_text(_with_words(text, source.text_form), column.type)
    if column.type not in ("date", "timestamp"):
        return typed_text(text, column.type)
    if column.lake.date_format is not None:
        form = date_format(column.lake.date_format, column.type)
        text = _epoch(text, form.epoch) if form.epoch is not None else _iso(text, form, column.type)
    if column.type == "timestamp" and source.time_zone is not None:
        return _in_zone(text, source.time_zone)
    return typed_text(text, column.type)


def _is_number(kind: str) -> bool:
    return kind in (*INTEGRAL_TYPES, *APPROXIMATE_TYPES) or kind.startswith("decimal(")


def _with_point(text: str, form: TextForm) -> str:
    """A number with a point and without signs between thousands, of which each parts three digits."""
    groups = ""
    if form.thousands:
        groups = f"[0-9]{{1,3}}+(?:{NUMBER_SIGNS[form.thousands]}[0-9]{{3}})++|"
    mark = NUMBER_SIGNS[form.decimal]
    number = rf"^[ \t]*+[+-]?+(?:{groups}[0-9]*+)(?:{mark}[0-9]*+)?+(?:[eE][+-]?+[0-9]++)?+[ \t]*+\z"
    plain = f"regexp_replace(t, {literal(NUMBER_SIGNS[form.thousands])}, '')" if form.thousands else "t"
    plain = f"replace({plain}, ',', '.')" if form.decimal == "," else plain
    return _when_like(text, number, plain)


def _with_words(text: str, form: TextForm) -> str:
    """`true` or `false` of a text that the source has for it, and every other text as it is."""
    words = [(word, "true") for word in form.true_values] + [(word, "false") for word in form.false_values]
    if not words:
        return text
    cases = " ".join(f"WHEN {literal(word)} THEN '{truth}'" for word, truth in words)
    return f"transform(array({text}), t -> CASE t {cases} ELSE t END)[0]"


def _when_like(text: str, pattern: str, value: str) -> str:
    """`value` of a text that has the pattern. Its `t` is the text, which so stands in the plan once."""
    return f"transform(array({text}), t -> CASE WHEN t RLIKE {literal(pattern)} THEN {value} END)[0]"


def _iso(text: str, form: DateFormat, column_type: str) -> str:
    """The text of ISO 8601 of a text with the pattern."""

    def part(name: str) -> str:
        if name in form.spans:
            first, length = form.spans[name]
            # Six digits of a fraction are stored; the pattern lets only zeros follow.
            return f"substr(t, {first}, {min(length, 6) if name == 'fraction' else length})"
        return f"regexp_extract(t, {literal(form.regex)}, {form.parts[name]})"

    def two(name: str) -> str:
        return part(name) if name in form.spans else f"lpad({part(name)}, 2, '0')"

    pieces = [_year(form, part), "'-'", _month(form, part, two), "'-'", two("day")]
    if column_type == "timestamp":
        pieces += ["'T'", _hour(form, part, two), "':'", two("minute") if "minute" in form.parts else "'00'"]
    pieces += ["':'", two("second")] if "second" in form.parts else []
    pieces += ["'.'", _fraction(form, part)] if "fraction" in form.parts else []
    pieces += [part("offset")] if "offset" in form.parts else []
    return _when_like(text, form.regex, f"concat({', '.join(pieces)})")


def _fraction(form: DateFormat, part: Callable[[str], str]) -> str:
    digits = part("fraction")
    return f"CASE WHEN {digits} = '' THEN '0' ELSE {digits} END" if "fraction" in form.optional else digits


def _year(form: DateFormat, part: Callable[[str], str]) -> str:
    if "year" in form.parts:
        return part("year")
    return f"CASE WHEN {part('short_year')} >= '69' THEN '19' ELSE '20' END, {part('short_year')}"


def _month(form: DateFormat, part: Callable[[str], str], two: Callable[[str], str]) -> str:
    if "month" in form.parts:
        return two("month")
    return f"lpad(string((instr('{_MONTHS}', upper({part('name')})) + 2) div 3), 2, '0')"


def _hour(form: DateFormat, part: Callable[[str], str], two: Callable[[str], str]) -> str:
    if "half_hour" not in form.parts:
        return two("hour") if "hour" in form.parts else "'00'"
    after = f"CASE WHEN upper({part('half')}) = 'PM' THEN 12 ELSE 0 END"
    return f"lpad(string(int({part('half_hour')}) % 12 + {after}), 2, '0')"


def _epoch(text: str, decimals: int) -> str:
    """The text of ISO 8601 of a count since 1970: of seconds with `decimals` more places."""
    micros = f"(try_cast(t AS decimal(38,9)) * {10 ** (6 - decimals)})"
    whole = f"CASE WHEN {micros} = floor({micros}) THEN timestamp_micros(bigint({micros})) END"
    pattern = r"^-?+[0-9]{1,15}+(?:[.][0-9]{1,9})?+\z"
    return _when_like(text, pattern, f"date_format({whole}, {literal(_ISO_MICROS)})")


def _in_zone(text: str, zone: str) -> str:
    """The instant of a time without an offset: null for one that the clocks of the zone skip.

    Of the two instants of an hour that they repeat the earlier one counts.
    """
    typed, name = typed_text("x", "timestamp"), literal(zone)
    instant = f"to_utc_timestamp(l, {name})"
    stands = f"CASE WHEN from_utc_timestamp({instant}, {name}) = l THEN {instant} END"
    local = f"transform(array({typed}), l -> {stands})[0]"
    value = f"CASE WHEN x RLIKE {literal(_OFFSET)} THEN {typed} ELSE {local} END"
    return f"transform(array({text}), x -> {value})[0]"
