"""Dirt is drawn by a seed, only adds, and never takes the place of a clean row."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sample_data import frames, landing, topic
from sample_data.crm import KEYS
from sample_data.dirt import dirty_frame
from sample_data.loans_rules import LOAN_RULES
from sample_data.members_rules import MEMBER_RULES
from sample_data.rules import FRAME_RULES
from sample_data.summary import DirtCount, Outcome
from sample_data.text_rules import TEXT_RULES
from sample_data.traffic_rules import TRAFFIC_RULES

JANUARY = (date(2017, 1, 1), date(2017, 1, 31))
SEED, SHARE = 2017, 0.01
DOCS = Path(__file__).parents[2] / "docs" / "sample-data.md"
PRIMARY = {
    "snowflake_orders": ["order_id", "line_number"],
    "snowflake_customers": ["customer_id"],
    "snowflake_products": ["product_id"],
    "redshift_behavior": ["behavior_id"],
}


def clean_frame(source: str) -> pl.DataFrame:
    match source:
        case "snowflake_orders":
            return frames.orders(*JANUARY, SEED)
        case "snowflake_customers":
            return frames.customers(JANUARY[1], SEED)
        case "snowflake_products":
            return frames.products()
        case _:
            return frames.behavior(*JANUARY, SEED)


def rows_by_outcome(counts: list[DirtCount]) -> Counter[Outcome]:
    return Counter({outcome: sum(c.rows for c in counts if c.outcome == outcome) for outcome in Outcome})


@pytest.fixture(params=PRIMARY)
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_no_dirt_leaves_the_rows_alone(source: str) -> None:
    clean = clean_frame(source)
    dirty, counts = dirty_frame(source, clean, 0.0, SEED)
    assert_frame_equal(dirty, clean)
    assert counts == []


def test_dirt_only_adds_and_counts_what_it_adds(source: str) -> None:
    clean = clean_frame(source)
    dirty, counts = dirty_frame(source, clean, SHARE, SEED)
    assert_frame_equal(dirty.head(clean.height), clean)
    assert dirty.height - clean.height == sum(count.rows for count in counts)
    assert all(count.rows >= SHARE * clean.height for count in counts)


def test_the_same_seed_gives_the_same_dirt_and_another_one_other_dirt(source: str) -> None:
    clean = clean_frame(source)
    assert_frame_equal(dirty_frame(source, clean, SHARE, SEED)[0], dirty_frame(source, clean, SHARE, SEED)[0])
    assert not dirty_frame(source, clean, SHARE, SEED)[0].equals(
        dirty_frame(source, clean, SHARE, SEED + 1)[0]
    )


def test_the_newest_row_of_each_clean_key_stays_the_clean_one(source: str) -> None:
    clean = clean_frame(source)
    key = PRIMARY[source]
    dirty, _ = dirty_frame(source, clean, SHARE, SEED)
    clean_rows = dirty.join(clean.select(key), on=key, how="semi")
    newest = clean_rows.unique().filter(pl.col("updated_at") == pl.col("updated_at").max().over(key))
    assert_frame_equal(newest, clean, check_row_order=False)


def test_what_is_to_be_deduplicated_has_a_clean_key_and_nothing_else_has(source: str) -> None:
    clean = clean_frame(source)
    dirty, counts = dirty_frame(source, clean, SHARE, SEED)
    added = dirty.tail(dirty.height - clean.height)
    of_clean_keys = added.join(clean.select(PRIMARY[source]), on=PRIMARY[source], how="semi")
    assert of_clean_keys.height == rows_by_outcome(counts)[Outcome.DEDUPLICATED]


def test_dirty_orders_stay_on_the_days_of_the_range() -> None:
    dirty, _ = dirty_frame("snowflake_orders", clean_frame("snowflake_orders"), SHARE, SEED)
    assert set(dirty["updated_at"].dt.date()) == {date(2017, 1, day) for day in range(1, 32)}


@pytest.mark.parametrize("table", KEYS)
def test_crm_files_hold_their_clean_lines_first_and_the_dirt_after(table: str) -> None:
    clean, rows, _ = landing.crm_files(table, *JANUARY, 0.0, SEED, snapshot=True)
    dirty, same, counts = landing.crm_files(table, *JANUARY, SHARE, SEED, snapshot=True)
    assert rows == same == sum(body.count(b"\n") for body in clean.values())
    assert dirty.keys() == clean.keys()
    assert all(dirty[key].startswith(clean[key]) for key in clean)
    assert sum(body.count(b"\n") for body in dirty.values()) - rows == sum(count.rows for count in counts)
    assert landing.crm_files(table, *JANUARY, SHARE, SEED, snapshot=True)[0] == dirty


def test_crm_dirt_is_broken_in_the_way_it_says() -> None:
    clean, _, _ = landing.crm_files("contacts", *JANUARY, 0.0, SEED, snapshot=True)
    dirty, _, counts = landing.crm_files("contacts", *JANUARY, SHARE, SEED, snapshot=True)
    added = [line for key in clean for line in dirty[key].removeprefix(clean[key]).splitlines()]
    clean_lines = set(b"".join(clean.values()).splitlines())
    counted = Counter(kind_of(line, clean_lines) for line in added)
    assert counted == {count.kind: count.rows for count in counts}


def kind_of(line: bytes, clean: set[bytes]) -> str:
    """Tells the kinds of dirt apart from the outside."""
    try:
        row: dict[str, Any] = json.loads(line)
    except UnicodeDecodeError:
        return "not_utf8"
    except json.JSONDecodeError:
        return "truncated_line"
    tests = {
        "duplicate": line in clean,
        "missing_field": "customer_id" not in row,
        "null_key": row["contact_id"] is None,
        "bad_email": row["email"] == "not-an-email",
        "unparsable_date": row["updated_at"] == "2017-13-45",
        "older_version": row["full_name"] == "Older Version",
    }
    return next(kind for kind, holds in tests.items() if holds)


def test_rates_keep_their_documents_and_dirt_has_its_own() -> None:
    clean, _, _ = landing.fx_files(*JANUARY, 0.0, SEED)
    dirty, _, counts = landing.fx_files(*JANUARY, SHARE, SEED)
    assert {key: body for key, body in dirty.items() if key in clean} == clean
    assert len(dirty) - len(clean) == sum(count.rows for count in counts)
    assert not [key for key in dirty if key not in clean and "dt=2016" in key]


def test_messages_are_the_clean_ones_and_then_poison() -> None:
    events = frames.order_events(*JANUARY)
    clean, _ = topic.messages(events, 0.0, SEED)
    dirty, counts = topic.messages(events, SHARE, SEED)
    assert dirty[: len(clean)] == clean
    clean_values = {message.value for message in clean}
    poison = Counter(poison_of(message.value, clean_values) for message in dirty[len(clean) :])
    assert poison == {count.kind: count.rows for count in counts}


def poison_of(value: bytes, clean: set[bytes]) -> str:
    if value in clean:
        return "duplicate"
    try:
        cells = value.decode().split(",")
    except UnicodeDecodeError:
        return "not_utf8"
    if len(cells) != len(topic.COLUMNS):
        return "wrong_column_count"
    if not cells[0]:
        return "null_key"
    return "unparsable_number" if not cells[5].isdigit() else "unparsable_timestamp"


def test_a_message_is_quoted_where_csv_needs_it() -> None:
    row = {
        **frames.order_events(*JANUARY).row(0, named=True),
        "event_type": 'placed, "twice"',
        "event_ts": "2017-01-01T00:00:00Z",
    }
    assert b',"placed, ""twice""",' in topic.csv_line(row)


def test_the_documentation_lists_every_rule() -> None:
    table = [line.split("|") for line in DOCS.read_text().splitlines() if line.startswith("| ")]
    columns = {Outcome.BRONZE: 2, Outcome.SILVER: 3, Outcome.DEDUPLICATED: 4}
    listed = {
        (c[1].strip(), kind.strip(), o)
        for c in table
        if len(c) == 6
        for o, n in columns.items()
        for kind in c[n].split(",")
        if kind.strip()
    }
    assert {
        (rule.source, rule.kind, rule.outcome)
        for rule in (*FRAME_RULES, *TEXT_RULES, *TRAFFIC_RULES, *LOAN_RULES, *MEMBER_RULES)
    } == {row for row in listed if row[0] != "source"}
