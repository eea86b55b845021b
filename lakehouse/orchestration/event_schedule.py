"""A cron schedule of five fields in the words of EventBridge Scheduler, which has six and no day in two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cronsim import CronSim, CronSimError

# EventBridge counts weekdays from 1; their names leave nothing to count.
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# The values of each field that takes all: minute, hour, day, month, weekday.
_ALL = (range(60), range(24), range(1, 32), range(1, 13), range(7))
_WEEKDAY = 4
_ANY_MOMENT = datetime(2000, 1, 1)


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
    try:
        cron = CronSim(schedule.replace("?", "*"), _ANY_MOMENT)
    except CronSimError as error:
        raise EventScheduleError(f"'{schedule}': {error}") from error
    fields: tuple[set[Any], ...] = (cron.minutes, cron.hours, cron.days, cron.months, cron.weekdays)
    return tuple(_values(schedule, index, field) for index, field in enumerate(fields))


def _values(schedule: str, index: int, field: set[Any]) -> list[int] | None:
    # The last day, the nearest weekday and the second Friday are no numbers of a day.
    if any(not isinstance(value, int) or value < 0 for value in field):
        raise EventScheduleError(f"'{schedule}' has '{schedule.upper().split()[index]}'")
    numbers = {day % 7 for day in field} if index == _WEEKDAY else field
    return None if numbers >= set(_ALL[index]) else sorted(numbers)


def _text(values: list[int] | None) -> str:
    return "*" if values is None else ",".join(map(str, values))
