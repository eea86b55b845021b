"""Columns of every type and keyword, and values for them: sound, nearly sound, and known to be misread."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st


def _column(kind: str, spark: str | None = None, **rules: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], **rules, **({"x-lake": {"type": spark}} if spark else {})}


COLUMNS: dict[str, dict[str, Any]] = {
    "money": _column("number", "decimal(8,2)"),
    "share": _column("number", "decimal(4,4)", minimum=0, exclusiveMaximum=0.75),
    "exact": _column("number", "decimal(38,18)"),
    "count": _column("integer", "decimal(10,0)", minimum=-5),
    "whole": _column("integer"),
    "small": _column("integer", "smallint", maximum=1000, exclusiveMinimum=-1000),
    "tiny": _column("integer", "tinyint", enum=[1, 2, 100, None]),
    "ratio": _column("number", minimum=-1000.5, maximum=1e300),
    "single": _column("number", "float"),
    "flag": _column("boolean"),
    "day": _column("string", format="date"),
    "moment": _column("string", format="date-time"),
    "code": _column("string", pattern="^[A-Z]{2}$"),
    "part": _column("string", pattern=r"a.\d"),
    "kind": _column("string", enum=["a", "b ", "\u00e9", None]),
    "size": _column("string", minLength=2, maxLength=3),
    "uuid": _column("string", format="uuid"),
    "text": _column("string"),
}
# The same columns as Python's `re` reads JSON Schema's words; by itself it lets `$` precede a line end.
JUDGED = {
    **COLUMNS,
    "code": _column("string", pattern=r"\A[A-Z]{2}\Z"),
    "part": _column("string", pattern=r"a[^\n\r\u2028\u2029][0-9]"),
}
_CASES: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
# `broken` is what JSON itself does not allow: the line is no JSON.
# Numbers of more digits than Spark reads by itself, and than any column has places.
_LONG = [
    *(f"1{'0' * zeros}" for zeros in (999, 1000)),
    *(f"12.5{'0' * zeros}" for zeros in (399, 2000)),
    f"0.{'0' * 1100}1",
    f"1e+{'0' * 1500}",
    f"1e-{'0' * 1000}1",
    f"1{'0' * 400}e-400",
    f"0.{'0' * 400}1e401",
]
# The first and the last instants that have a year of four digits, in zones of both sides of UTC.
_EDGES = [
    *(
        f"0001-01-01{time}"
        for time in ("T04:00:00+04:00", "T03:59:59.999999+04:00", "T14:00+1400", " 00:30+00:29")
    ),
    *(f"9999-12-31{time}" for time in ("T19:59:59-04:00", "T20:00:00-04:00", "T05:59-1800", " 06:00-18:00")),
    "2024-01-01T10:00+05:30",
    *(f"2024-01-01T10:00:00.5{offset}" for offset in ("+18:01", "-23:59", "+23:59", "+24:00", "-19:60")),
    *("0001-01-01T23:59:00+23:59", "9999-12-31 00:00-2359", "9999-12-31T00:01:00-23:59"),
    "2024-01-01 10:00Z",
]
NUMBERS, BROKEN = [*_CASES["numbers"], *_LONG], _CASES["broken"]
TEXTS = [*_CASES["texts"], *_EDGES, f"{'0' * 1500}12.5", f".{'0' * 2000}"]

_digits = st.text("0123456789", min_size=1, max_size=12)
_fraction = st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=6).map(lambda d: f".{d}"))
_exponent = st.one_of(st.just(""), st.just(""), st.integers(-25, 25).map(lambda e: f"e{e}"))
_plain = st.tuples(
    st.sampled_from(["", "-"]), _digits.map(lambda d: d.lstrip("0") or "0"), _fraction, _exponent
)
NUMBER_TOKENS = st.one_of(st.sampled_from(NUMBERS), _plain.map("".join))
_free = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=6)
_times = st.datetimes().map(lambda t: f"{t.isoformat()}Z")
_dates = st.dates().map(str)
TEXT_VALUES = st.one_of(
    st.sampled_from(TEXTS), NUMBER_TOKENS, _free, _times, _dates, st.sampled_from(["DE", "xy"])
)


def _quoted(text: str) -> st.SearchStrategy[str]:
    return st.booleans().map(lambda ascii_only: json.dumps(text, ensure_ascii=ascii_only))


TEXT_TOKENS = TEXT_VALUES.flatmap(_quoted)
OTHER_TOKENS = st.sampled_from(["null", "true", "false"])


def tokens(column: str) -> st.SearchStrategy[str]:
    """JSON values for a column, as they stand in a line; half of them of its own kind."""
    numeric = COLUMNS[column]["type"][0] in ("number", "integer")
    usual = NUMBER_TOKENS if numeric else TEXT_TOKENS
    return st.one_of(usual, usual, TEXT_TOKENS, NUMBER_TOKENS, OTHER_TOKENS)


ROWS = st.fixed_dictionaries({name: tokens(name) for name in COLUMNS})
# A line of CSV with a NUL is none, as RFC 4180 says.
_cells = TEXT_VALUES.map(lambda text: text.replace("\0", "") or "0")
CELLS = st.fixed_dictionaries(dict.fromkeys(COLUMNS, _cells))
