"""How facts and arguments write a day."""

from __future__ import annotations

from datetime import date


def day_of(text: str) -> date | None:
    """The day of `2017-01-31`.

    Python also reads 20170131 and 2017-W05-2: one date has one spelling, so these are None.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
