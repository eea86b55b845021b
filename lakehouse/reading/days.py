"""How facts and arguments write a day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)


def day_of(text: str) -> date | None:
    """The day of `2017-01-31`.

    Python also reads 20170131 and 2017-W05-2: one date has one spelling, so these are None.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def is_day_or_time(text: str) -> bool:
    """Whether a text is a day, or a time as contracts take it: 2017-01-31T10:00:00Z, with a blank for the T.

    Python also reads week dates, dates without hyphens and times without colons. A time that its offset moves
    out of the years 1 to 9999 is none.
    """
    try:
        moment = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
        return moment is not None and (moment.tzinfo is None or bool(moment.astimezone(UTC)))
    except (ValueError, OverflowError):
        return False


def fault_of_run_date(day: date) -> str:
    """What is wrong with a day as the logical date of a run: it is after today in UTC. Empty when nothing is.

    One typo would otherwise become the position of a source, and all later days would count as old ones.
    """
    today = datetime.now(UTC).date()
    return (
        f"the run date {day} is after today, {today} in UTC; wanted a day that has begun"
        if day > today
        else ""
    )
