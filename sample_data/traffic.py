"""Fills the topic `traffic_events`: one JSON message per event, key = customer_id, timestamp = when it was
sent.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import polars as pl

from lakehouse.environments import Environment
from sample_data import topic
from sample_data.dirt import dirty_lines
from sample_data.rules import Row
from sample_data.summary import DirtCount
from sample_data.topic import Message
from sample_data.traffic_events import COLUMNS, traffic_events
from sample_data.traffic_rules import SOURCE, TRAFFIC_RULES

TOPIC = "traffic_events"


def messages(events: pl.DataFrame, dirt: float, seed: int) -> tuple[list[Message], list[DirtCount]]:
    """The clean messages in the order in which they are sent, then the dirt."""
    # By polars, for all at once: a year has 1.5 million.
    written = events.select(
        key=pl.col("customer_id").cast(pl.String),
        value=pl.struct(*COLUMNS).struct.json_encode(),
        at="sent_at",
    )
    clean = [Message(key.encode(), value.encode(), at) for key, value, at in written.iter_rows()]
    bad, counts = dirty_lines(SOURCE, _Placed(events), _json_line, dirt, seed, TRAFFIC_RULES)
    return [*clean, *(Message(key, value, at) for (key, at), value in bad)], counts


class _Placed(Sequence[tuple[tuple[bytes, int], Row]]):
    """The rows as dirt wants them, ((key, timestamp), row); only those are made that become dirt."""

    def __init__(self, events: pl.DataFrame) -> None:
        self._events = events

    def __len__(self) -> int:
        return self._events.height

    def __getitem__(self, i: int) -> tuple[tuple[bytes, int], Row]:  # type: ignore[override]
        row = self._events.row(i, named=True)
        at = row.pop("sent_at")
        return (str(row["customer_id"]).encode(), at), row


def _json_line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def months(start: date, end: date) -> Iterator[tuple[date, date]]:
    """The range month by month, so that a year need not be held at once."""
    while start <= end:
        last = min(end, start.replace(day=monthrange(start.year, start.month)[1]))
        yield start, last
        start = last + timedelta(days=1)


def load(
    env: Environment, start: date, end: date, dirt: float, seed: int
) -> tuple[dict[str, int], list[DirtCount]]:
    """Sends what the topic lacks of the days [start, end].

    Dirt is the share of each month's events, counted over all of them.
    """
    rows = 0
    counts: dict[str, DirtCount] = {}
    for first, last in months(start, end):
        events = traffic_events(first, last, seed)
        sent, added = messages(events, dirt, seed)
        topic.send(env, sent, first, last, TOPIC)
        rows += events.height
        for count in added:
            before = counts[count.kind].rows if count.kind in counts else 0
            counts[count.kind] = DirtCount(
                count.source, count.kind, count.outcome, count.rule, before + count.rows
            )
    return {SOURCE: rows}, list(counts.values())


LOADERS = (load,)
