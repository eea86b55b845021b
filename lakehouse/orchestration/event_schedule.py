"""A cron schedule of five fields in the words of EventBridge Scheduler, which has six and no day in two."""

from __future__ import annotations

from collections.abc import Sequence

# EventBridge counts weekdays from 1; their names leave nothing to count.
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# Anything that only some readers of cron know: the last day, the nearest weekday, the second Friday.
_SPECIAL = frozenset("LW#")
# Field → its lowest and highest value, and its names.
_FIELDS: tuple[tuple[int, int, Sequence[str]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, MONTHS),
    (0, 7, WEEKDAYS),
)
_WEEKDAY = 4


class EventScheduleError(ValueError):
    """A schedule that EventBridge Scheduler cannot keep."""


def event_schedule(schedule: str) -> str:
    """`cron(0 2 * * ? *)` of `0 2 * * *`. Raises EventScheduleError.

    Every field is written as the list of its values: steps and ranges differ between readers of cron.
    """
    minutes, hours, days, months, weekdays = values_of(schedule)
    if days and weekdays:
        raise EventScheduleError(f"'{schedule}' restricts the day of the month and the weekday")
    # One of the two fields of days has to be `?`.
    of_week = ",".join(WEEKDAYS[day] for day in weekdays) if weekdays else "?"
    of_month = "?" if weekdays else _text(days)
    return f"cron({_text(minutes)} {_text(hours)} {of_month} {_text(months)} {of_week} *)"


def values_of(schedule: str) -> tuple[list[int] | None, ...]:
    """The values of minute, hour, day, month and weekday (0 is Sunday); None for a field that takes all.

    Raises EventScheduleError for `L`, `W` and `#`.
    """
    fields = schedule.upper().split()
    return tuple(_values(schedule, index, field) for index, field in enumerate(fields))


def _values(schedule: str, index: int, field: str) -> list[int] | None:
    lowest, highest, words = _FIELDS[index]
    first = 1 if words is MONTHS else 0
    for number, word in enumerate(words):
        field = field.replace(word, str(number + first))
    if _SPECIAL & set(field):
        raise EventScheduleError(f"'{schedule}' has '{field}'")
    if field in ("*", "?"):
        return None
    found: set[int] = set()
    for part in field.split(","):
        found |= set(_range(part, lowest, highest))
    if index == _WEEKDAY:
        found = {day % 7 for day in found}
    every = set(range(lowest, highest + (index != _WEEKDAY)))
    return None if found >= every else sorted(found)


def _range(part: str, lowest: int, highest: int) -> range:
    """The values of `5`, `1-5`, `*/5` and `1-30/5`."""
    span, _, step = part.partition("/")
    if span in ("*", "?"):
        begin, end = lowest, highest
    elif "-" in span:
        begin, end = (int(text) for text in span.split("-"))
    else:
        begin, end = int(span), highest if step else int(span)
    return range(begin, end + 1, int(step or 1))


def _text(values: list[int] | None) -> str:
    return "*" if values is None else ",".join(map(str, values))
