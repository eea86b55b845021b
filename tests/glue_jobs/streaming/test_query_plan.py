"""What a contract masks is masked on its way from a topic, whatever reads, parses and writes it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import psycopg
import pytest

from glue_jobs.observability.secrets import Secrets
from glue_jobs.state.audit import Counts
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import COLUMNS, row

MASKED: dict[str, Any] = {
    **COLUMNS,
    "name": {"type": ["string", "null"], "maxLength": 20, "x-lake": {"mask": "hash"}},
}


def hashed(feed: TopicHarness, *values: str) -> list[str]:
    key = bytes.fromhex(Secrets(feed.env).get("pii_key")["key"])
    return sorted(hmac.new(key, value.encode(), hashlib.sha256).hexdigest() for value in values)


def send(feed: TopicHarness) -> None:
    """Two plain messages, one that is parsed again, and one that breaks a rule."""
    feed.send(row(1, "canary-a"), row(2, "Canary-B"), row(0, "canary-d"))
    feed.send(json.dumps(row(3, "canary-c")).replace("canary-c", "canary\\u002dc"))


@pytest.mark.parametrize(
    ("layer", "form", "lake"),
    [
        ("gold", "json_lines", {"write": "append"}),
        ("silver", "json_lines", {"write": "merge"}),
    ],
)
def test_a_table_that_a_topic_fills_holds_hashes_alone(
    layer: str, form: str, lake: dict[str, Any], feed: TopicHarness
) -> None:
    table = feed.contract(layer, MASKED, form, **lake)
    send(feed)
    assert feed.drain(table).counts[table.table] == Counts(4, 3, 1)
    names = sorted(name for (name,) in feed.rows(table, "name"))
    assert names == hashed(feed, "canary-a", "canary-b", "canary-c")


def test_the_lakebase_holds_hashes_alone(feed: TopicHarness) -> None:
    table = feed.contract("gold", MASKED, write="merge", store="postgres")
    send(feed)
    assert feed.drain(table, postgres="{{ secret('postgres') }}").counts[table.table] == Counts(4, 3, 1)
    with psycopg.connect(**Secrets(feed.env).get("postgres")) as connection:  # type: ignore[arg-type]
        rows = connection.execute(f"SELECT name FROM gold_db.{feed.name}").fetchall()
    assert sorted(name for (name,) in rows) == hashed(feed, "canary-a", "canary-b", "canary-c")
