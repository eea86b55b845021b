"""Messages are appended to a Delta table as they come, on a real broker."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

from glue_jobs.state.audit import Counts
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import COLUMNS, DAY, MESSAGE_COLUMNS, row


def test_messages_become_rows_with_their_place_once(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.send(row(1), row(2, "é東京"))
    feed.send(row(3, None, None), partition=1)
    assert feed.drain(bronze).counts[bronze.table] == Counts(3, 3)
    assert feed.rows(bronze, "id", "name", "amount", "kafka_topic", "kafka_partition", "kafka_offset") == [
        (1, "n", Decimal("1.50"), feed.name, 0, 0),
        (2, "é東京", Decimal("1.50"), feed.name, 0, 1),
        (3, None, None, feed.name, 1, 0),
    ]
    feed.send(row(4))
    assert feed.drain(bronze).counts[bronze.table] == Counts(1, 1)
    assert feed.rows(bronze, "id") == [(1,), (2,), (3,), (4,)]
    stored = feed.table(bronze).to_pyarrow_table().to_pylist()
    assert {r["kafka_timestamp"] for r in stored} == {datetime(2017, 1, 1, 0, 0, 0, 123000, UTC)}
    assert {r["changed_at"] for r in stored} == {datetime(2017, 1, 31, 10, tzinfo=UTC)}
    assert {(r["_source_system"], r["_run_date"]) for r in stored} == {("feed", DAY)}
    assert len({(r["_batch_id"], r["_ingest_ts"]) for r in stored}) == 2


def test_an_empty_topic_makes_an_empty_table(feed: TopicHarness) -> None:
    bronze = feed.contract()
    assert feed.drain(bronze).counts[bronze.table] == Counts()
    assert feed.rows(bronze, "id") == []


POISON: list[tuple[str, bytes | str | None]] = [
    ("text", "not json at all"),
    ("cut", '{"id": 1, "changed_at": "2017-01-31T10:00:00Z"'),
    ("nothing", ""),
    ("number", "5"),
    ("null", "null"),
    ("list", json.dumps([row(1)])),
    ("two", json.dumps(row(1)) * 2),
    ("rest", json.dumps(row(1)) + " x"),
    ("comma", json.dumps(row(1)) + ',"a":1'),
    ("bracket", json.dumps(row(1)) + '],"x":[' + json.dumps(row(2))),
    ("brace", json.dumps(row(1)) + "}"),
    ("bytes", json.dumps(row(1, "ab")).encode().replace(b"ab", b"\xff\xfe")),
    ("quotes", "{'id': 1}"),
    ("inside", '{"id": 1, "note": tru, "changed_at": "2017-01-31T10:00:00Z"}'),
    ("binary", b"\x00\x01"),
]


def test_poison_goes_to_quarantine_with_its_position_and_stops_nothing(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.send(*[row(100 + i) for i in range(50)], partition=1)
    feed.send(*[body for _, body in POISON], None, row(1, "x" * 3_000_000), row(9))
    limit = feed.env.streams.model_copy(update={"max_message_bytes": 2_000_000})
    run = feed.drain(bronze, env=feed.env.model_copy(update={"streams": limit}))
    count = len(POISON)
    assert run.counts[bronze.table] == Counts(50 + count + 3, 51, count + 2)
    assert run.problems == []
    assert (9, count + 2) in feed.rows(bronze, "id", "kafka_offset")
    reasons = feed.reasons(bronze)
    expected = {f"-0@{i}": ["format: the line cannot be read"] for i in range(count)}
    size = len(json.dumps(row(1, "x" * 3_000_000)))
    assert reasons == expected | {
        f"-0@{count}": ["message: a tombstone, it has no value"],
        f"-0@{count + 1}": [f"message: {size} bytes, longer than 2000000"],
    }
    raw = {r["source_position"].rsplit("@")[-1]: r["raw"] for r in feed.lane(bronze)}
    assert [
        raw[str(i)] for i, (name, body) in enumerate(POISON) if name != "bytes" and isinstance(body, str)
    ] == [b for n, b in POISON if isinstance(b, str)]
    assert raw[str(count + 1)].startswith('{"id": 1, "name": "xxx')
    assert len(raw[str(count + 1)]) == 1000


def test_values_that_break_the_contract_are_named_and_their_neighbours_are_written(
    feed: TopicHarness,
) -> None:
    bronze = feed.contract()
    feed.send(
        *[row(i) for i in range(1, 11)],
        row(None),
        row("x"),
        row(0),
        row(1.5),
        row(11, amount="much"),
        row(12, amount=10**17),
        {**row(13), "changed_at": "2017"},
        {**row(14), "changed_at": 1_483_228_800},
        {"id": 15},
    )
    run = feed.drain(bronze)
    assert run.counts[bronze.table] == Counts(19, 10, 9)
    assert [feed.reasons(bronze)[f"-0@{i}"] for i in range(10, 19)] == [
        ["id: required"],
        ["id: type bigint"],
        ["id: minimum 1.0"],
        ["id: type bigint"],
        ["amount: type decimal(18,2)"],
        ["amount: type decimal(18,2)"],
        ["changed_at: type timestamp"],
        ["changed_at: type timestamp"],
        ["changed_at: required"],
    ]
    assert feed.lane(bronze)[1]["row"]["id"] == "x"


def test_numbers_in_quotes_braces_in_text_and_nested_values_are_taken(
    feed: TopicHarness,
) -> None:
    columns = {
        **COLUMNS,
        "tags": {"type": ["array", "null"], "x-lake": {"type": "array<string>"}},
        "more": {"type": ["string", "null"]},
    }
    bronze = feed.contract(columns=columns)
    feed.send(
        row("1", "a } b"),
        row(2, "n", "2.5", tags=["x", "}"], more={"k": [1, {}]}),
        row(3, True),
        json.dumps(row(4)) + "\n",
    )
    assert feed.drain(bronze).counts[bronze.table] == Counts(4, 3, 1)
    assert list(feed.reasons(bronze).values()) == [["name: type string"]]
    assert feed.rows(bronze, "id", "name", "amount", "tags", "more") == [
        (1, "a } b", Decimal("1.50"), None, None),
        (2, "n", Decimal("2.50"), ["x", "}"], '{"k":[1,{}]}'),
        (4, "n", Decimal("1.50"), None, None),
    ]


def test_csv_messages_are_rows_of_the_contract(feed: TopicHarness) -> None:
    bronze = feed.contract(form="csv", columns={**COLUMNS, **MESSAGE_COLUMNS})
    feed.send(
        '1,"a,b",2.50,2017-01-31T10:00:00Z',
        "2,,,2017-01-31T10:00:00Z\n",
        "3,x",
        "",
        None,
        "y,n,1,2017-01-31T10:00:00Z",
    )
    run = feed.drain(bronze)
    assert run.counts[bronze.table] == Counts(6, 2, 4)
    assert feed.rows(bronze, "id", "name", "amount", "kafka_offset") == [
        (1, "a,b", Decimal("2.50"), 0),
        (2, None, None, 1),
    ]
    unreadable = ["format: the line cannot be read"]
    assert feed.reasons(bronze) == {
        "-0@2": unreadable,
        "-0@3": unreadable,
        "-0@4": ["message: a tombstone, it has no value"],
        "-0@5": ["id: type bigint"],
    }


def test_messages_gain_fields_and_contracts_gain_columns_in_mid_stream(feed: TopicHarness) -> None:
    before = feed.contract()
    feed.send(row(1), row(2, surprise={"a": 1}))
    feed.drain(before)
    after = feed.contract(columns={**COLUMNS, **MESSAGE_COLUMNS, "colour": {"type": ["string", "null"]}})
    feed.send(row(3, colour="red"), row(4), {"id": 5, "colour": "blue"})
    assert feed.drain(after).counts[after.table] == Counts(3, 2, 1)
    assert feed.rows(after, "id", "colour") == [(1, None), (2, None), (3, "red"), (4, None)]
    assert feed.reasons(after) == {"-0@4": ["changed_at: required"]}
