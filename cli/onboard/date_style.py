"""The pattern by which files write dates and times that are not ISO 8601: a contract's `date_format`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from lakehouse.contracts.date_format import EPOCHS, DateFormat, date_format

_DAYS = (
    *("dd.MM.yyyy", "d.M.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "d/M/yyyy", "M/d/yyyy", "dd-MM-yyyy"),
    *("MM-dd-yyyy", "d-M-yyyy", "M-d-yyyy", "yyyy-MM-dd", "yyyy-M-d", "yyyy/MM/dd", "yyyy/M/d"),
    *("yyyy.MM.dd", "yyyyMMdd", "dd MMM yyyy", "d MMM yyyy", "dd-MMM-yyyy", "d-MMM-yyyy", "dd/MMM/yyyy"),
    *("d MMMM yyyy", "d. MMMM yyyy", "MMM d, yyyy", "MMMM d, yyyy", "MMM d yyyy", "MMMM d yyyy"),
    *("dd.MM.yy", "d.M.yy", "dd/MM/yy", "MM/dd/yy", "d/M/yy", "M/d/yy", "dd-MMM-yy", "d-MMM-yy"),
)
_BETWEEN = ("", " ", "'T'", ", ", ":", "  ")
_TIMES = (
    *("HH:mm:ss", "H:mm:ss", "HH:mm", "H:mm", "hh:mm:ss a", "h:mm:ss a", "hh:mm a", "h:mm a", "h:mma"),
    *("HHmmss", "HHmm", "HH.mm.ss", "HH.mm"),
    *(f"HH:mm:ss{mark}{'S' * digits}" for mark in ".," for digits in range(1, 10)),
)
_ZONES = ("", "XXX", "Z", " XXX", " Z", "' UTC'", "' GMT'")
# Words in names of columns whose whole numbers may be days or moments.
_SAYS_DAY = re.compile(r"(^|_)(date|day|dt|datum|fecha|jour)(_|$)|date$")
_SAYS_TIME = re.compile(r"(^|_)(time|ts|timestamp|epoch|at|millis|ms)(_|$)|(time|timestamp)$")
_YEARS = range(1900, 2101)


@dataclass(frozen=True)
class DateStyle:
    """`pattern`: None where two patterns read the texts, and only a person can tell which is meant."""

    type: str
    pattern: str | None
    doubts: tuple[str, ...] = ()


def date_style(texts: set[str]) -> DateStyle | None:
    """How these texts write dates or times. None where no pattern reads all of them."""
    if not texts:
        return None
    patterns = [p for p in _candidates(min(texts)) if all(_moment(p, text) is not None for text in texts)]
    if not patterns:
        return None
    best = patterns[0]
    kind = _type_of(best)
    other = next((p for p in patterns if _reads_otherwise(best, p, texts)), None)
    if other:
        return DateStyle(
            "string", None, (f"its dates are {best} or {other}: state one as date_format of a {kind}",)
        )
    doubts = [] if "yyyy" in best else ["its years have two digits: 69 to 99 are 1969 to 1999"]
    if kind == "timestamp" and date_format(best, kind).parts.keys().isdisjoint({"offset"}):
        zone = next((name for name in ("UTC", "GMT") if name in best), None)
        doubts += [] if zone else ["its times name no zone and are taken as UTC"]
    return DateStyle(kind, best, tuple(doubts))


def counted_style(name: str, texts: set[str]) -> DateStyle | None:
    """How a column of whole numbers counts days or moments, where its name and all its numbers say so."""
    if _SAYS_DAY.search(name) and all(len(text) == 8 for text in texts):
        days = [_moment("yyyyMMdd", text) for text in texts]
        if all(day is not None and day.year in _YEARS for day in days):
            return DateStyle("date", "yyyyMMdd", ("its numbers are taken as days, for its name says so",))
    if _SAYS_TIME.search(name) and texts and all(text.isdigit() for text in texts):
        for pattern, decimals in EPOCHS.items():
            seconds = [int(text) // 10**decimals for text in texts]
            if all(second >= 10**8 and _year(second) in _YEARS for second in seconds):
                doubt = f"its numbers are taken as {pattern} since 1970, for its name says so"
                return DateStyle("timestamp", pattern, (doubt,))
    return None


def _year(seconds: int) -> int:
    try:
        return datetime.fromtimestamp(seconds, UTC).year
    except (OverflowError, ValueError, OSError):
        return 0


def _candidates(text: str) -> Iterator[str]:
    """The patterns that read a text."""
    for day in _DAYS:
        begin = _compiled(day, whole=False).match(text)
        if begin is None:
            continue
        if begin.end() == len(text):
            yield from [day] if _moment(day, text) is not None else []
            continue
        for between in _BETWEEN:
            for time in _TIMES:
                clock = _clock(between, time).match(text, begin.end())
                if clock is not None:
                    # What follows the time of day is a zone.
                    zones = _ZONES[1:] if clock.end() < len(text) else ("",)
                    patterns = (f"{day}{between}{time}{zone}" for zone in zones)
                    yield from (pattern for pattern in patterns if _moment(pattern, text) is not None)


@cache
def _clock(between: str, time: str) -> re.Pattern[str]:
    """What follows a day: a separator and a time of day."""
    day = "yyyyMMdd"
    return re.compile(
        _compiled(day + between + time, whole=False).pattern.removeprefix(_form(day).regex[:-2])
    )


def _type_of(pattern: str) -> str:
    return "timestamp" if re.search("[Hhm]", pattern) else "date"


@cache
def _form(pattern: str) -> DateFormat:
    return date_format(pattern, _type_of(pattern))


@cache
def _compiled(pattern: str, *, whole: bool = True) -> re.Pattern[str]:
    """The regex of a whole text, or of how one begins."""
    return re.compile(_form(pattern).regex.removesuffix(r"\z") + (r"\Z" if whole else ""))


def _moment(pattern: str, text: str) -> date | None:
    """The day that a text names by a pattern; None for a text that the pattern does not read."""
    match = _compiled(pattern).match(text)
    if not match:
        return None
    parts = {name: match[group] for name, group in _form(pattern).parts.items()}
    year = int(parts.get("year") or _full_year(parts["short_year"]))
    month = int(parts["month"]) if "month" in parts else _MONTHS.index(parts["name"].lower()) + 1
    in_bounds = int(parts.get("hour", 0)) < 24 and all(
        int(parts.get(name, 0)) < 60 for name in ("minute", "second")
    )
    try:
        return date(year, month, int(parts["day"])) if in_bounds else None
    except ValueError:
        return None


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _full_year(two: str) -> str:
    return ("19" if two >= "69" else "20") + two


def _reads_otherwise(one: str, other: str, texts: Iterable[str]) -> bool:
    """Whether two patterns that read all texts find different days in one of them."""
    return any(_moment(one, text) != _moment(other, text) for text in texts)
