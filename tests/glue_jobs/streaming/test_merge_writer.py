"""Streams that merge: the newest row of each key, and changes of a database in their order, whatever the
order in which they arrive.
"""

from __future__ import annotations

import itertools
import json
import random
import string
from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.state.audit import Counts
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import COLUMNS, row

CHANGED: dict[str, Any] = {
    "id": {"type": "integer"},
    "name": {"type": "string"},
    "changed_at": {"type": "string", "format": "date-time", "x-lake": {"source": "cdc:ts_ms"}},
    "is_deleted": {"type": "boolean"},
}


def changes(feed: TopicHarness, **lake: Any) -> Contract:
    return feed.contract(
        layer="silver", columns=CHANGED, form="cdc", **{"write": "merge", "delete_flag": "is_deleted", **lake}
    )


def change(op: Any, key: int, name: str | None, at: int, **more: Any) -> str:
    """A deletion says no more than the key, as databases send it."""
    shape = {"id": key} if op == "d" else {"id": key, "name": name}
    return json.dumps(
        {
            "op": op,
            "before": shape if op == "d" else None,
            "after": None if op == "d" else shape,
            "ts_ms": at,
            **more,
        }
    )


def test_the_newest_row_of_a_key_stays_whatever_comes_again(feed: TopicHarness) -> None:
    silver = feed.contract(layer="silver", columns=COLUMNS, write="merge")
    feed.send(row(1, "old", minute=1), row(1, "new", minute=5), row(2), row(2), "poison")
    assert feed.drain(silver).counts[silver.table] == Counts(5, 2, 1, 2)
    feed.send(row(1, "late", minute=3), row(3), row(2, "newer", minute=9))
    assert feed.drain(silver).counts[silver.table] == Counts(3, 2, 0, 1)
    assert feed.rows(silver, "id", "name") == [(1, "new"), (2, "newer"), (3, "n")]


def test_a_merge_that_was_killed_before_its_checkpoint_counts_the_same_and_writes_nothing_again(
    feed: TopicHarness,
) -> None:
    silver = feed.contract(layer="silver", columns=COLUMNS, write="merge")
    feed.send(row(1), "poison")
    feed.drain(silver)
    version = feed.table(silver).version()
    feed.forget(silver, "commits/0")
    assert feed.drain(silver).counts[silver.table] == Counts(2, 1, 1)
    assert feed.table(silver).version() == version
    assert len(feed.lane(silver)) == 1


def test_a_deletion_before_its_insert_stays_a_deletion(feed: TopicHarness) -> None:
    silver = changes(feed)
    feed.send(change("d", 1, None, 2000))
    feed.drain(silver)
    feed.send(change("c", 1, "a", 1000), change("u", 2, "b", 5, source={"table": "x"}))
    assert feed.drain(silver).counts[silver.table] == Counts(2, 1, 0, 1)
    assert feed.rows(silver, "id", "name", "is_deleted") == [(1, None, True), (2, "b", False)]


def test_envelopes_that_are_none_go_to_quarantine(feed: TopicHarness) -> None:
    silver = changes(feed)
    whole = json.loads(change("c", 1, "a", 1))
    feed.send(
        *[change("r", i, "ok", i) for i in range(1, 10)],
        change("t", 1, "a", 1),
        json.dumps({**whole, "op": None}),
        json.dumps({**whole, "after": None}),
        change("d", 1, None, 1).replace('{"id": 1}', "null"),
        change("u", 1, None, 1),
        json.dumps({**whole, "ts_ms": None}),
        json.dumps({"id": 1}),
        None,
    )
    # A tombstone follows a deletion, and says nothing that the deletion did not say.
    assert feed.drain(silver).counts[silver.table] == Counts(17, 9, 7, 1)
    assert feed.reasons(silver) == {
        "-0@9": ["cdc: op is t, not one of c, u, d, r"],
        "-0@10": ["cdc: op is missing, not one of c, u, d, r"],
        "-0@11": ["cdc: a change without the row that is, 'after'"],
        "-0@12": ["cdc: a deletion without the row that was, 'before'"],
        "-0@13": ["name: required"],
        "-0@14": ["changed_at: required"],
        "-0@15": ["cdc: op is missing, not one of c, u, d, r"],
    }


@dataclass(frozen=True)
class Change:
    op: str
    key: int
    name: str
    at: int


def some_changes(chance: random.Random, number: int) -> list[Change]:
    """Few instants, so that they meet: two changes may share a millisecond of their source's own clock."""
    return [
        Change(
            chance.choice("cud"),
            chance.randint(1, 60),
            "".join(chance.choices(string.ascii_letters, k=chance.randint(1, 3))),
            chance.randint(1, 20),
        )
        for _ in range(number)
    ]


@pytest.mark.parametrize(
    ("seed", "batches"), [(2017, 2), *(pytest.param(n, n, marks=pytest.mark.slow) for n in (3, 5))]
)
def test_changes_in_any_order_and_any_batches_end_in_the_newest(
    local_env: Environment, spark: SparkSession, seed: int, batches: int
) -> None:
    chance = random.Random(seed)
    events = some_changes(chance, 600)
    feed = TopicHarness(local_env, spark, partitions=1)
    silver = changes(feed)
    expected: dict[int, Change] = {}
    for event in events:
        # The last of those with the greatest time: the order of the topic decides between equals.
        if event.key not in expected or event.at >= expected[event.key].at:
            expected[event.key] = event
    bounds = [0, *sorted(chance.sample(range(100, 500), batches - 1)), len(events)]
    total = Counts()
    for low, high in itertools.pairwise(bounds):
        feed.send(*[change(e.op, e.key, e.name, e.at) for e in events[low:high]])
        counts = feed.drain(silver).counts[silver.table]
        assert counts.balanced
        total = Counts(total.rows_in + counts.rows_in, total.written + counts.written)
    assert total.rows_in == len(events)
    stored = {r[0]: r[1:] for r in feed.rows(silver, "id", "is_deleted", "name")}
    assert stored == {k: (e.op == "d", None if e.op == "d" else e.name) for k, e in expected.items()}


@pytest.mark.parametrize(
    ("lake", "message"),
    [
        ({"delete_flag": None}, "delete_flag"),
        ({"sequence": None}, "sequence"),
        ({"write": "append"}, "merge"),
    ],
)
def test_changes_need_a_table_that_can_follow_them(
    feed: TopicHarness, lake: dict[str, Any], message: str
) -> None:
    with pytest.raises(RunError, match=f"RUN123 {changes(feed, **lake).table}: .*{message}"):
        feed.drain(changes(feed, **lake))
