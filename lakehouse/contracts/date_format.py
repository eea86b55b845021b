"""Patterns of dates and timestamps as files have them: letters of Java's patterns, read to the character.

`yyyy` four digits of the year, `yy` two (69 to 99 are 19xx, as POSIX says), `MM` `dd` `HH` `hh` `mm` `ss` two
digits, `M` `d` `H` `h` one or two, `MMM` `MMMM` an English name of a month, `S` to `SSSSSSSSS` a fraction of
that many digits, `a` AM or PM, `XXX` an offset as +01:00 or Z, `Z` as +0100 or Z. What stands in brackets may
be missing. Other letters and brackets stand in single quotes, and every other character for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

EPOCHS = {"epoch_seconds": 0, "epoch_millis": 3, "epoch_micros": 6}
_LONG = "January|February|March|April|May|June|July|August|September|October|November|December"
_SHORT = "|".join(month[:3] for month in _LONG.split("|"))
_ONE_OR_TWO = "([0-9]{1,2})"
_TWO = "([0-9]{2})"
# Letters → (what they are, their pattern); patterns mean the same to Java and to Python.
_TOKENS = {
    "yyyy": ("year", "([0-9]{4})"),
    "yy": ("short_year", _TWO),
    "MMMM": ("name", f"(?i:(?=(?:{_LONG})(?![a-zA-Z]))([a-zA-Z]{{3}})[a-zA-Z]*)"),
    "MMM": ("name", f"(?i:({_SHORT}))"),
    "MM": ("month", _TWO),
    "M": ("month", _ONE_OR_TWO),
    "dd": ("day", _TWO),
    "d": ("day", _ONE_OR_TWO),
    "HH": ("hour", _TWO),
    "H": ("hour", _ONE_OR_TWO),
    "hh": ("half_hour", "(0[1-9]|1[0-2])"),
    "h": ("half_hour", "(0?[1-9]|1[0-2])"),
    "mm": ("minute", _TWO),
    "ss": ("second", _TWO),
    "a": ("half", "(?i:(AM|PM))"),
    "XXX": ("offset", "(Z|[+-][0-9]{2}:[0-9]{2})"),
    "Z": ("offset", "(Z|[+-][0-9]{4})"),
}
_PART = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|(?P<sign>.)", re.DOTALL)
# Part of a time → what a text that says it also says.
_NEEDS = {"fraction": "second", "second": "minute", "minute": "hour", "offset": "hour", "hour": "minute"}
_FIXED = frozenset(["yyyy", "yy", "MM", "dd", "HH", "mm", "ss"])
WANTED = "dd.MM.yyyy, M/d/yyyy h:mm a, yyyy-MM-dd'T'HH:mm:ss.SSSXXX or epoch_millis"


class DateFormatError(ValueError):
    """A pattern that no text can be read by."""


@dataclass(frozen=True)
class DateFormat:
    """`regex`: of a whole text. `parts`: what a text says → the group of the regex, from 1.

    `spans`: the same → (first character from 1, length), where all texts are of one length; else empty.
    `epoch`: the decimals of a number of seconds that a text is a count of; None for a pattern.
    `optional`: what a text need not say.
    """

    regex: str
    parts: dict[str, int]
    spans: dict[str, tuple[int, int]]
    epoch: int | None = None
    optional: frozenset[str] = frozenset()


def date_format(pattern: str, column_type: str) -> DateFormat:
    """The format of a pattern for a date or a timestamp. Raises DateFormatError."""
    if column_type not in ("date", "timestamp"):
        raise DateFormatError(f"a {column_type} is no date and no timestamp")
    if pattern in EPOCHS:
        if column_type == "date":
            raise DateFormatError("a count since 1970 is a timestamp, and no date")
        return DateFormat("", {}, {}, EPOCHS[pattern])
    regex, at = "", 1
    parts: dict[str, int] = {}
    spans: dict[str, tuple[int, int]] = {}
    brackets = _Brackets()
    for part in _PART.finditer(pattern):
        letters = part["letters"]
        if part["sign"] in ("[", "]"):
            regex += brackets.group(part["sign"])
            continue
        if letters is None:
            literal = part["sign"] if part["quoted"] is None else part["quoted"].replace("''", "'") or "'"
            if part["sign"] == "'":
                raise DateFormatError("a quote is open")
            regex, at = regex + re.escape(literal), at + len(literal)
            continue
        name, group = _token(letters)
        if name in parts:
            raise DateFormatError(f"'{letters}' says the {name.replace('_', ' ')} once more")
        parts[name] = len(parts) + 1
        brackets.around[name] = tuple(brackets.open)
        if letters in _FIXED or name == "fraction":
            spans[name] = (at, len(letters))
        regex, at = regex + group, at + len(letters)
    _require(parts, column_type)
    optional = brackets.optional()
    fixed = len(spans) == len(parts) and not brackets.count
    return DateFormat(rf"^{regex}\z", parts, spans if fixed else {}, optional=optional)


class _Brackets:
    """The brackets of a pattern. `around`: part → the numbers of the brackets that it stands in."""

    def __init__(self) -> None:
        self.count, self.open = 0, list[int]()
        self.around: dict[str, tuple[int, ...]] = {}

    def group(self, sign: str) -> str:
        """What stands for a bracket in a regular expression. Raises DateFormatError."""
        if sign == "[":
            self.count += 1
            self.open.append(self.count)
            return "(?:"
        if not self.open:
            raise DateFormatError("a bracket is closed that none opens; a bracket itself stands in quotes")
        self.open.pop()
        return ")?"

    def optional(self) -> frozenset[str]:
        """The parts that a text need not say.

        Raises DateFormatError where a day, or what a later part counts in, would be unknown.
        """
        if self.open:
            raise DateFormatError("a bracket is open; a bracket itself stands in quotes")
        names = frozenset(name for name, around in self.around.items() if around)
        always = ("year", "short_year", "month", "name", "day", "half_hour", "half")
        if lacking := next((name for name in always if name in names), None):
            raise DateFormatError(
                f"its {lacking.replace('_', ' ')} is optional; a bracket itself stands in quotes"
            )
        for name in names | self.around.keys():
            # Without minutes an hour is a whole one.
            before = _NEEDS.get(name) if name != "hour" else None
            if before in self.around and self.around[name][: len(self.around[before])] != self.around[before]:
                raise DateFormatError(f"a text may name the {name} without the {before}")
        return names


def _token(letters: str) -> tuple[str, str]:
    if set(letters) == {"S"} and len(letters) <= 9:
        # Six digits are stored; further ones may only be zeros.
        more = f"0{{{len(letters) - 6}}}" if len(letters) > 6 else ""
        return "fraction", f"([0-9]{{{min(len(letters), 6)}}}){more}"
    if letters not in _TOKENS:
        raise DateFormatError(f"'{letters}' means nothing; text stands in single quotes")
    return _TOKENS[letters]


def _require(parts: dict[str, int], column_type: str) -> None:
    """Refuses a pattern whose texts name no day, a time of day without hours, or a day with a time."""
    for day in (("year", "short_year"), ("month", "name"), ("day",)):
        if sum(name in parts for name in day) != 1:
            raise DateFormatError(f"it names {'no' if parts.keys().isdisjoint(day) else 'two'} {day[0]}")
    times = parts.keys() & {"hour", "half_hour", "minute", "second", "fraction", "half", "offset"}
    if column_type == "date":
        if times:
            raise DateFormatError("a date has no time of day")
        return
    if ("half_hour" in parts) != ("half" in parts) or ("half" in parts and "hour" in parts):
        raise DateFormatError("h and a belong together, and without HH")
    hours = parts.keys() | ({"hour"} if "half_hour" in parts else set())
    for name in times - {"half_hour", "half"}:
        if _NEEDS[name] not in hours:
            raise DateFormatError(f"it names the {name} without the {_NEEDS[name]}")
    if "half_hour" in parts and "minute" not in parts:
        raise DateFormatError("it names the hour without the minute")
