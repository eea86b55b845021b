"""Fills the topic `loyalty.public.members`: the changes of the members' database as Debezium sends them.

A message has the key of its row. Two connectors send them: one with the schema beside each payload, the other
without. What makes a consumer of changes wrong is among them: a snapshot (`r`) of what was there before,
changes that come late or twice, deletions with their tombstones, and members who come back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from lakehouse.environments import Environment
from sample_data import topic
from sample_data.dataset import BEFORE, FIRST_DAY, drawn, iso, since, until
from sample_data.dirt import dirty_lines
from sample_data.members_rules import MEMBER_RULES, SOURCE
from sample_data.people import customer_versions
from sample_data.rules import Row
from sample_data.summary import DirtCount
from sample_data.topic import Message, millis

TOPIC = "loyalty.public.members"
FIELDS = ("customer_id", "country", "income", "home_ownership", "household_size")
# One member in so many leaves in a year; every third of them comes back a month later.
LEAVE_SIDES, BACK_SIDES, AWAY = 40, 3, timedelta(days=30)
# One change in so many comes late, and one is sent twice.
LATE_SIDES, TWICE_SIDES = 8, 20
LATE = timedelta(days=40)


def changes(end: date, seed: int) -> list[dict[str, Any]]:
    """Every change up to `end` in the order in which it was made: `op`, `before`, `after`, `at`."""
    versions = customer_versions(end, seed).select(*FIELDS, "updated_at")
    leaving = (
        versions.select("customer_id")
        .unique()
        .with_columns(
            leaves=drawn(pl.col("customer_id"), seed, "members/leaves", LEAVE_SIDES) == 0,
            day=drawn(pl.col("customer_id"), seed, "members/day", 300) + 20,
            back=drawn(pl.col("customer_id"), seed, "members/back", BACK_SIDES) == 0,
        )
    )
    ways = {row["customer_id"]: row for row in leaving.iter_rows(named=True)}
    made: list[dict[str, Any]] = []
    for (customer,), rows in versions.sort("customer_id", "updated_at").group_by(
        "customer_id", maintain_order=True
    ):
        made += _of_member(list(rows.iter_rows(named=True)), ways[customer])
    return sorted((c for c in made if c["at"] < until(end)), key=lambda c: (c["at"], _key(c)))


def _of_member(versions: list[Row], way: Row) -> Iterator[dict[str, Any]]:
    """The changes of one member: read, updated, and perhaps deleted and created again."""
    left = since(FIRST_DAY) + timedelta(days=way["day"], hours=9) if way["leaves"] else None
    before: Row | None = None
    for version in versions:
        at = version["updated_at"]
        if left and at >= left:
            break
        after = {**version, "updated_at": iso(at)}
        snapshot = at == BEFORE
        yield {
            "op": "r" if snapshot else "u",
            "before": None if snapshot else before,
            "after": after,
            "at": since(FIRST_DAY) if snapshot else at,
        }
        before = after
    if left:
        yield {"op": "d", "before": before, "after": None, "at": left}
        if before and way["back"]:
            again = {**before, "updated_at": iso(left + AWAY)}
            yield {"op": "c", "before": None, "after": again, "at": left + AWAY}


def _key(change: dict[str, Any]) -> int:
    return int((change["after"] or change["before"])["customer_id"])


def messages(start: date, end: date, dirt: float, seed: int) -> tuple[list[Message], list[DirtCount]]:
    """What the connectors sent in the days [start, end], in the order in which it came, then the dirt."""
    made = changes(end, seed)
    dice = pl.DataFrame({"n": [_key(c) * 97 + millis(c["at"]) // 1000 % 100_003 for c in made]}).select(
        late=drawn(pl.col("n"), seed, "members/late", LATE_SIDES) == 0,
        twice=drawn(pl.col("n"), seed, "members/twice", TWICE_SIDES) == 0,
    )
    sent: list[tuple[datetime, Message]] = []
    for change, (late, twice) in zip(made, dice.iter_rows(), strict=True):
        key, came = _key(change), change["at"] + timedelta(seconds=2)
        came += LATE if late and change["op"] in "ud" else timedelta(0)
        value = _rendered(change, wrapped=key % 2 == 0)
        of_change = [Message(_key_text(key), value, millis(came))] * (2 if twice else 1)
        if change["op"] == "d":
            of_change.append(Message(_key_text(key), None, millis(came)))
        sent += [(came, message) for message in of_change]
    sent = sorted((m for m in sent if since(start) <= m[0] < until(end)), key=lambda m: m[0])
    clean = [((m.key, m.at), json.loads(m.value)) for _, m in sent if m.value and b'"payload"' not in m.value]
    bad, counts = dirty_lines(SOURCE, clean, _json_line, dirt, seed, MEMBER_RULES)
    return [*(m for _, m in sent), *(Message(key, value, at) for (key, at), value in bad)], counts


def _rendered(change: dict[str, Any], *, wrapped: bool) -> bytes:
    at = millis(change["at"])
    snapshot = "true" if change["op"] == "r" else "false"
    source = {"connector": "postgresql", "name": "loyalty", "ts_ms": at, "snapshot": snapshot}
    source |= {"db": "loyalty", "schema": "public", "table": "members", "lsn": at * 8}
    envelope = {"before": change["before"], "after": change["after"], "source": source}
    envelope |= {"op": change["op"], "ts_ms": at, "transaction": None}
    return _json_line({"schema": SCHEMA, "payload": envelope} if wrapped else envelope)


def _key_text(customer: int) -> bytes:
    return _json_line({"customer_id": customer})


def _json_line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def _fields() -> list[dict[str, Any]]:
    texts = [{"type": "string", "optional": True, "field": name} for name in FIELDS[1:]]
    time = {"type": "string", "name": "io.debezium.time.ZonedTimestamp", "field": "updated_at"}
    return [{"type": "int64", "optional": False, "field": FIELDS[0]}, *texts, time]


# As Kafka Connect's JSON converter describes an envelope.
SCHEMA = {
    "type": "struct",
    "name": f"{TOPIC}.Envelope",
    "fields": [
        {
            "type": "struct",
            "optional": True,
            "name": f"{TOPIC}.Value",
            "field": "before",
            "fields": _fields(),
        },
        {"type": "struct", "optional": True, "name": f"{TOPIC}.Value", "field": "after", "fields": _fields()},
        {"type": "string", "optional": False, "field": "op"},
        {"type": "int64", "optional": True, "field": "ts_ms"},
    ],
}


def load(
    env: Environment, start: date, end: date, dirt: float, seed: int
) -> tuple[dict[str, int], list[DirtCount]]:
    """Sends what the topic lacks of the messages of the days [start, end]; the snapshot is of 2017-01-01."""
    sent, counts = messages(start, end, dirt, seed)
    topic.send(env, sent, start, end, TOPIC)
    return {SOURCE: len(sent) - sum(c.rows for c in counts)}, counts


LOADERS = (load,)
