"""Reads the newest messages of a Kafka topic: objects of JSON, changes of a database, or CSV."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from cli.onboard.json_values import Number, json_sample
from cli.onboard.keys import key_of
from cli.onboard.profile import profile
from cli.onboard.sample import OnboardError, Origin, Sample
from cli.onboard.topic_messages import newest_messages
from glue_jobs.sources.file_records import csv_records
from glue_jobs.sources.file_text import UnreadableFileError
from glue_jobs.streaming.envelopes import OPS
from lakehouse.environments import Environment

_PLACE = {
    "kafka_topic": ("string", "Topic that the message came by."),
    "kafka_partition": ("int", "Partition of the topic, from 0."),
    "kafka_offset": ("bigint", "Place of the message in its partition, from 0."),
    "kafka_timestamp": ("timestamp", "When the message was produced or stored, UTC, as Kafka says."),
}
_CHANGE = {
    "operation": ("string?", "cdc:op", "The change: c created, u updated, d deleted, r read by a snapshot."),
    "changed_at": ("timestamp", "cdc:ts_ms", "When the change was made, UTC; the newest of a key is kept."),
    "is_deleted": ("boolean", "cdc:deleted", "True once the database has deleted the row; the row stays."),
}


def read_topic(env: Environment, topic: str, table: str, most: int) -> tuple[Origin, Sample]:
    """The topic as a source, and at most so many of its newest messages.

    Raises OnboardError, SourceError and SecretError.
    """
    messages, whole = newest_messages(env, topic, table, most)
    bodies = [body for _, body in messages if body is not None]
    if not bodies:
        raise OnboardError(f"topic '{topic}' has no message to read the columns from")
    values = [_parsed(body) for body in bodies]
    objects = [value for value in values if isinstance(value, dict)]
    if not objects:
        return _csv(topic, bodies, whole=whole)
    changes = [change for value in objects if (change := _change(value)) is not None]
    if len(changes) * 2 > len(objects):
        sample = _rows(changes, len(bodies), whole=whole, topic=topic)
        named = next((key for of, _ in messages if (key := _key(of, sample.columns))), ())
        key, doubts = (named, ()) if named else _guessed_key(changes)
        sample = replace(sample, key=key, doubts=doubts)
        return _changes(topic, sample.columns), sample
    sample = json_sample("json_lines", objects, len(bodies) - len(objects), whole=whole)
    origin = Origin(
        "kafka",
        topic,
        f"Messages of the topic {topic}, as they are.",
        "the messages",
        {"key": ["kafka_topic", "kafka_partition", "kafka_offset"]},
        _place(),
        topic,
        streams=True,
    )
    return origin, sample


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_float=Number, parse_int=Number)
    except (ValueError, RecursionError):
        return None


def _change(value: dict[str, Any]) -> dict[str, Any] | None:
    """The envelope that a message is, or holds beside its schema; None for what is none."""
    if "op" not in value and isinstance(value.get("payload"), dict):
        value = value["payload"]
    return value if "op" in value and ("before" in value or "after" in value) else None


def _row(change: dict[str, Any]) -> dict[str, Any] | None:
    row = change.get("before" if change["op"] == "d" else "after")
    return row if change["op"] in OPS and isinstance(row, dict) else None


def _rows(changes: list[dict[str, Any]], messages: int, *, whole: bool, topic: str) -> Sample:
    rows = [row for change in changes if (row := _row(change)) is not None]
    if not rows:
        raise OnboardError(f"topic '{topic}' has changes of a database, and none of them has a row")
    return json_sample("cdc", rows, messages - len(rows), whole=whole)


def _key(body: bytes | None, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a message's key, which is the primary key of the row; empty where it names none."""
    key = _parsed(body or b"")
    if isinstance(key, dict) and isinstance(key.get("payload"), dict):
        key = key["payload"]
    return tuple(key) if isinstance(key, dict) and {*key} <= {*columns} else ()


def _guessed_key(changes: list[dict[str, Any]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the key that tells the created rows apart, the doubt): a row that changes comes again."""
    created = [row for c in changes if c["op"] in ("c", "r") and (row := _row(c)) is not None]
    sample = json_sample(
        "cdc", created or [row for c in changes if (row := _row(c)) is not None], 0, whole=True
    )
    profiles = [
        profile(name, values, frozenset(sample.json_types[name]))
        for name, values in zip(sample.columns, zip(*sample.rows, strict=True), strict=True)
    ]
    key, _ = key_of(sample, profiles)
    return tuple(key), (f"the messages have no key that names columns; the key {', '.join(key)} is a guess",)


def _changes(topic: str, columns_of_rows: tuple[str, ...]) -> Origin:
    taken = {name.lower() for name in columns_of_rows} & set(_CHANGE)
    names = {name: f"cdc_{name}" if name in taken else name for name in _CHANGE}
    columns = {
        names[name]: {"type": kind, "source": source, "tags": {"pii": "none"}, "description": text}
        for name, (kind, source, text) in _CHANGE.items()
    }
    head = {"write": "merge", "sequence": names["changed_at"], "delete_flag": names["is_deleted"]}
    return Origin(
        "kafka",
        topic,
        f"The newest state of each row of the database, by the changes of the topic {topic}.",
        "the rows",
        head,
        columns,
        topic,
        streams=True,
    )


def _csv(topic: str, bodies: list[bytes], *, whole: bool) -> tuple[Origin, Sample]:
    rows = [cells for body in bodies if (cells := _cells(body))]
    widths = [len(cells) for cells in rows]
    width = max(widths, key=widths.count, default=0)
    fitting = [tuple(cell or None for cell in cells) for cells in rows if len(cells) == width]
    if width < 2:
        raise OnboardError(f"the messages of topic '{topic}' are neither objects of JSON nor values of CSV")
    names = tuple(f"column_{number}" for number in range(1, width + 1))
    doubt = "the messages name no columns: give the columns their names, in this order"
    sample = Sample({"format": "csv"}, names, fitting, len(bodies) - len(fitting), whole, doubts=(doubt,))
    head = {"key": ["kafka_topic", "kafka_partition", "kafka_offset"]}
    rows_of = f"Messages of the topic {topic}, as they are."
    return Origin("kafka", topic, rows_of, "the messages", head, _place()), sample


def _cells(body: bytes) -> list[str] | None:
    """The values of a message that is one record of CSV."""
    try:
        records = list(csv_records(body.decode().splitlines(keepends=True)))
    except (UnicodeDecodeError, UnreadableFileError):
        return None
    return records[0].cells if len(records) == 1 else None


def _place() -> dict[str, dict[str, Any]]:
    return {
        name: {
            "type": kind,
            "tags": {"pii": "none"},
            "description": text,
        }
        for name, (kind, text) in _PLACE.items()
    }
