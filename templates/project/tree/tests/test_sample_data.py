"""The sample data is the same for the same day and seed, and keeps the rules of its contract."""

from __future__ import annotations

import re
from datetime import date

from sample_data import METERS, readings

DAY = date(2024, 1, 1)


def test_day_has_one_reading_per_meter_and_hour() -> None:
    rows = list(readings(DAY, seed=1))
    assert len({(row["meter_id"], row["read_at"]) for row in rows}) == len(rows) == METERS * 24
    assert all(re.fullmatch(r"M-[0-9]{4}", str(row["meter_id"])) for row in rows)


def test_same_seed_gives_the_same_readings() -> None:
    assert list(readings(DAY, seed=1)) == list(readings(DAY, seed=1))
    assert list(readings(DAY, seed=1)) != list(readings(DAY, seed=2))
