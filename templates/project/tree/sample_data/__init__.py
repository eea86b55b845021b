"""Sample data for the local platform: hourly readings of twenty electricity meters.

The readings are files of the landing zone.

`lakehouse sample load` and `lakehouse demo` use SETS and load_sample.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from glue_jobs.aws import clients
from lakehouse.environments import Environment, names

SETS = {"meters": "hourly readings of twenty electricity meters"}
METERS = 20
PREFIX = "meters/readings"


@dataclass(frozen=True)
class Dirt:
    """Broken rows that were added on purpose."""

    source: str
    kind: str
    rows: int


@dataclass(frozen=True)
class Summary:
    """Rows loaded, by source, and the broken ones among them."""

    rows: dict[str, int]
    dirt: list[Dirt] = field(default_factory=list)


def load_sample(
    env: Environment,
    start: date,
    end: date,
    dirt: float = 0.0,
    seed: int = 1,
    sets: Sequence[str] = ("meters",),
) -> Summary:
    """Writes a file of readings for each of the days [start, end]; the share `dirt` of them has no meter.

    A day that is loaded twice is there once. Raises ValueError for an empty range and for another
    environment.
    """
    if env.name != "local":
        raise ValueError(f"sample data is for the environment 'local', not for '{env.name}'")
    if end < start:
        raise ValueError(f"the range ends on {end}, before it starts on {start}")
    s3, bucket = clients(env).s3, names.bucket(env, names.Zone.LANDING)
    total = broken = 0
    day = start
    while day <= end:
        lines = [json.dumps(reading) for reading in readings(day, seed)]
        bad = [
            json.dumps({**json.loads(line), "meter_id": None}) for line in lines[: round(len(lines) * dirt)]
        ]
        body = "".join(f"{line}\n" for line in [*lines, *bad])
        s3.put_object(Bucket=bucket, Key=f"{PREFIX}/dt={day}/readings.jsonl", Body=body.encode())
        total, broken, day = total + len(lines), broken + len(bad), day + timedelta(days=1)
    dirt_rows = [Dirt("meter_readings", "no_meter", broken)] if broken else []
    return Summary({"meter_readings": total}, dirt_rows)


def readings(day: date, seed: int) -> Iterator[dict[str, object]]:
    """One reading per meter and hour of the day. The same day and seed give the same readings."""
    dice = random.Random(f"{seed}/{day}")  # noqa: S311
    midnight = datetime(day.year, day.month, day.day)
    for meter in range(1, METERS + 1):
        for hour in range(24):
            read_at = midnight + timedelta(hours=hour)
            yield {
                "meter_id": f"M-{meter:04}",
                "read_at": f"{read_at.isoformat()}Z",
                "kwh": round(meter * dice.uniform(0.05, 0.15), 3),
                "sent_at": f"{(read_at + timedelta(minutes=5)).isoformat()}Z",
            }
