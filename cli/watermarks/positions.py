"""Positions of watermarks for people: one line that says them, and the shapes that a reset takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from glue_jobs.errors import RunError
from glue_jobs.sources import landing_position
from glue_jobs.sources.incremental import OVERLAP_ROWS
from lakehouse.pipelines.watermark_owners import WatermarkOwner
from lakehouse.reading.strict_json import strict_json

Json = Any
_TABLES_SHOWN = 3
_SHAPES = {
    "snowflake": '{"high": "2017-01-31T00:00:00+00:00"}, an ISO 8601 time with its offset',
    "redshift": '{"high": "2017-01-31T00:00:00+00:00"}, an ISO 8601 time with its offset',
    "kafka": '{"offsets": {"0": 1200, "1": 1187}}, the next offset of each partition',
    "landing": '{"dt": "2017-01-31", "through": "<ISO 8601>", "recent": []}, as `watermark show` prints it',
}
FROM_BEGINNING = "null, from the beginning"
# The parts of a position that are a day or a moment.
_TIMES = ("high", "dt", "through")


def described(position: Json) -> str:
    """A position in a few words: a time, the sum of offsets, a folder, or versions of tables."""
    if position is None:
        return "at the beginning"
    if not isinstance(position, Mapping):
        return str(position)
    if "high" in position:
        return f"rows up to {position['high'] or 'none with a time'}"
    if isinstance(position.get("offsets"), Mapping):
        offsets = position["offsets"].values()
        return f"{sum(int(o) for o in offsets)} offsets of {len(offsets)} partitions"
    if "through" in position:
        return f"folders up to dt={position['dt']}, files up to {position['through'][:19]}"
    # A gate keeps the versions that it judged beside what it knows of them.
    tables = position.get("versions", position)
    versions = [f"{table} {_version(value)}" for table, value in tables.items() if "." in table]
    if not versions:
        return _shortened(json.dumps(position, default=str))
    more = len(versions) - _TABLES_SHOWN
    return ", ".join(versions[:_TABLES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _version(value: Json) -> str:
    return f"version {value['version'] if isinstance(value, Mapping) and 'version' in value else value}"


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}…"


def parsed(owner: WatermarkOwner, text: str) -> Json:
    """The position that a person typed. Raises RunError (RUN600) with the shape that the watermark takes."""
    try:
        position = strict_json(text)
    except ValueError as error:
        raise _misfit(owner, f"'{text}', {error}") from None
    check_position(owner, position)
    _refuse_ahead(owner, position)
    return position


def _refuse_ahead(owner: WatermarkOwner, position: Json) -> None:
    """Raises RunError (RUN600) for a day or moment that a typo has put ahead."""
    stated = [position[name] for name in _TIMES if isinstance(position, Mapping) and position.get(name)]
    for text in filter(_is_ahead, map(str, stated)):
        raise RunError(
            f"'{owner.key}' cannot stand at {text}, which is ahead: all that comes until then would be "
            "passed over; wanted a moment that has been",
            code="RUN600",
        )


def check_position(owner: WatermarkOwner, position: Json) -> None:
    """Raises RunError (RUN600) for a position that the owner's source cannot start from."""
    if position is None:
        return
    if not owner.is_source:
        raise RunError(
            f"'{owner.key}' is a position in our own tables, where another version would skip rows or find "
            "none; wanted null: all is read and merged",
            code="RUN600",
        )
    if not isinstance(position, Mapping) or not _fits(owner.follows, position):
        raise _misfit(owner, json.dumps(position))


def _is_ahead(text: str) -> bool:
    """Whether a day or a moment is after now, in UTC."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) > datetime.now(UTC)


def _fits(follows: str, position: Mapping[str, Json]) -> bool:
    if follows == "kafka":
        offsets = position.get("offsets")
        return (
            set(position) <= {"offsets", "topic_id"}
            and isinstance(offsets, Mapping)
            and all(
                p.isdecimal() and p == str(int(p)) and type(o) is int and o >= 0 for p, o in offsets.items()
            )
        )
    try:
        if follows == "landing":
            landing = landing_position.parse(dict(position))
            return landing is not None and landing.through.tzinfo is not None
        high = position["high"]
        return {*position} <= {"high", OVERLAP_ROWS} and (
            high is None or datetime.fromisoformat(high).tzinfo is not None
        )
    except (KeyError, TypeError, ValueError):
        return False


def _misfit(owner: WatermarkOwner, given: str) -> RunError:
    shape = _SHAPES.get(owner.follows)
    expected = f"{shape}; or {FROM_BEGINNING}" if shape else FROM_BEGINNING
    return RunError(
        f"'{owner.key}' ({owner.follows}) cannot stand at {given}; wanted {expected}", code="RUN600"
    )


def before(owner: WatermarkOwner, day: date) -> Json:
    """The position before the first row of a day.

    Raises RunError (RUN600) where a source has no times, and for a day that is ahead.
    """
    if owner.follows not in ("snowflake", "redshift"):
        raise RunError(
            f"'{owner.key}' ({owner.follows}) has no position by a day alone; read days again with "
            "`lakehouse backfill`, or give the position with --to",
            code="RUN600",
        )
    instant = datetime.combine(day, time(0), UTC) - timedelta(microseconds=1)
    position = {"high": instant.isoformat()}
    _refuse_ahead(owner, position)
    return position
