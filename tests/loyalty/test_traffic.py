"""Traffic from Kafka to bronze, to PostgreSQL, to silver and gold, judged from outside.

The events come with dirt, late days and redelivery.
"""

from __future__ import annotations

import hashlib
import hmac
import shlex
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from pyspark.sql import SparkSession

from cli.quarantine.rows import first_rows, quarantined_rows
from glue_jobs.job_types.gate_judge import judge_table
from glue_jobs.observability.secrets import Secrets
from glue_jobs.quality.gate import describe, verdict
from glue_jobs.state.audit import Counts
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment
from sample_data.summary import Outcome
from sample_data.traffic import messages
from sample_data.traffic_events import traffic_events
from sample_data.traffic_rules import SOURCE
from tests.cli.calls import caller
from tests.lakehouse.contracts.oracle import holds
from tests.loyalty import oracle, shapes
from tests.loyalty.traffic_world import Message, TrafficWorld, parsed
from tests.test_readme import LINES

FIRST, SECOND, LAST, SEED = date(2017, 1, 1), date(2017, 1, 2), date(2017, 1, 3), 2017
DIRT = 0.01
LAKE = (
    "bronze.kafka_data_bronze",
    "silver.traffic_data_cleaned",
    "silver.customer_engagement_summary",
    "gold.traffic_data_enriched",
    "gold.customer_locations",
)
STREAMED = ("bronze.kafka_data_bronze", "gold.kafka_data")


@pytest.fixture(scope="module")
def world(local_env: Environment, spark: SparkSession) -> TrafficWorld:
    """Runs all pipelines after each load, and once more at the end.

    The loads: the last two days with dirt; then the first day, late; then the second day again, and a hundred
    events once more.
    """
    world = TrafficWorld(local_env, spark)
    world.load(SECOND, LAST, DIRT)
    world.run(LAST)
    world.load(FIRST, SECOND)
    world.deliver_again(messages(traffic_events(SECOND, SECOND, SEED), 0.0, SEED)[0][:100])
    world.run(LAST)
    world.run(LAST)
    return world


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    return traffic_events(FIRST, LAST, SEED)


@pytest.fixture(scope="module")
def wanted(events: pl.DataFrame) -> oracle.Tables:
    return oracle.tables(events)


@pytest.fixture(scope="module")
def held(world: TrafficWorld) -> list[Message]:
    """What the topic holds."""
    return world.messages()


@pytest.fixture(scope="module")
def sound(held: list[Message]) -> list[Message]:
    """Those messages that the dirt did not make to be quarantined."""
    late = traffic_events(SECOND, LAST, SEED)
    dirty, counts = messages(late, DIRT, SEED)
    at, bad = late.height, set[bytes]()
    for count in counts:
        bad |= {m.value for m in dirty[at : at + count.rows]} if count.outcome is Outcome.BRONZE else set()
        at += count.rows
    return [m for m in held if m.value not in bad]


def _dirt(world: TrafficWorld, *kinds: str) -> int:
    return sum(d.rows for d in world.loads[0].dirt if d.kind in kinds)


def test_range_loaded_twice_is_in_the_topic_once(
    world: TrafficWorld, held: list[Message], events: pl.DataFrame
) -> None:
    assert len(held) == events.height + world.loads[0].dirt_rows(SOURCE) + world.delivered_again


def test_every_run_accounts_for_every_row(world: TrafficWorld, held: list[Message]) -> None:
    for run in world.runs:
        assert [table for table, counts in run.items() if not counts.balanced] == []
    for table in STREAMED:
        assert sum(run[table].rows_in for run in world.runs) == len(held), table
        assert world.runs[0][table].quarantined == world.loads[0].dirt_rows(SOURCE, Outcome.BRONZE), table
    duplicates, resent = _dirt(world, "duplicate"), _dirt(world, "resent")
    assert [run["gold.kafka_data"].deduplicated for run in world.runs] == [
        duplicates,
        world.delivered_again,
        0,
    ]
    assert [run["silver.traffic_data_cleaned"].deduplicated for run in world.runs] == [
        duplicates + resent,
        world.delivered_again,
        0,
    ]


def test_third_run_finds_nothing_and_writes_nothing(world: TrafficWorld) -> None:
    assert set(world.runs[2]) == set(world.runs[0])
    assert {table: counts for table, counts in world.runs[2].items() if counts != Counts()} == {}


def test_bronze_has_each_sound_message_once_with_its_place(world: TrafficWorld, sound: list[Message]) -> None:
    rows = world.table("bronze.kafka_data_bronze")
    found = {(r["topic"], r["partition"], r["offset"]): r for r in rows.iter_rows(named=True)}
    assert len(found) == rows.height
    assert set(found) == {("traffic_events", m.partition, m.offset) for m in sound}
    for message in sound:
        row, said = found["traffic_events", message.partition, message.offset], parsed(message)
        assert _plain({c: row[c] for c in said}) == _plain(said)
        assert row["timestamp"] == datetime.fromtimestamp(message.at / 1000, UTC)


def test_broken_messages_lie_in_the_lane_with_their_place(
    world: TrafficWorld, held: list[Message], sound: list[Message]
) -> None:
    wanted = {f"traffic_events-{m.partition}@{m.offset}" for m in held} - {
        f"traffic_events-{m.partition}@{m.offset}" for m in sound
    }
    for table in STREAMED:
        assert {
            r["source_position"] for r in first_rows(world.env, quarantined_rows(world.env, table), 10**5)
        } == wanted, table


def test_postgres_has_each_event_once(world: TrafficWorld, sound: list[Message]) -> None:
    key = bytes.fromhex(Secrets(world.env).get("pii_key")["key"])
    said = {row["event_id"]: row for row in map(parsed, sound)}
    for row in said.values():
        # The contract masks the address of the page: the Lakebase holds its keyed hash.
        row["page_url"] = hmac.new(key, row["page_url"].strip().lower().encode(), hashlib.sha256).hexdigest()
    rows = world.lakebase("kafka_data")
    assert len(rows) == len(said)
    assert {row["event_id"]: _plain(row) for row in rows} == {
        event: _plain(row) for event, row in said.items()
    }


def test_customer_stats_are_the_events_added_up_each_counted_once(
    world: TrafficWorld, sound: list[Message]
) -> None:
    distinct = pl.DataFrame(
        list({(row := parsed(m))["event_id"]: row for m in sound}.values()), infer_schema_length=None
    )
    is_type = {"product_views": "product_view", "cart_adds": "add_to_cart", "purchases": "purchase"}
    cents = (pl.col("amount") * 100).round(0).cast(pl.Int64)
    time = pl.col("event_ts").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us")
    added = distinct.group_by("customer_id").agg(
        event_count=pl.len().cast(pl.Int64),
        **{name: (pl.col("event_type") == kind).sum().cast(pl.Int64) for name, kind in is_type.items()},
        amount=cents.sum(),
        duration_ms=pl.col("duration_ms").sum(),
        first_event_ts=time.min(),
        last_event_ts=time.max(),
    )
    rows = [{**row, "amount": int(row["amount"] * 100)} for row in world.lakebase("customer_stats")]
    naive = [
        {c: v.astimezone(UTC).replace(tzinfo=None) if isinstance(v, datetime) else v for c, v in row.items()}
        for row in rows
    ]
    assert sorted(naive, key=lambda row: row["customer_id"]) == added.sort("customer_id").to_dicts()


def test_silver_and_gold_are_those_of_all_events_whatever_came_first(
    world: TrafficWorld, wanted: oracle.Tables
) -> None:
    # Of an event and its resent copy either id may stand for both.
    own = pl.col("event_id").str.replace("T-9", "T-", literal=True)
    cleaned = world.table("silver.traffic_data_cleaned").with_columns(own)
    assert shapes.differences(cleaned, shapes.cleaned(wanted)) == {}
    assert shapes.differences(world.table("silver.customer_engagement_summary"), shapes.summary(wanted)) == {}
    enriched = world.table("gold.traffic_data_enriched").with_columns(own)
    assert shapes.differences(enriched, shapes.enriched(wanted)) == {}
    assert shapes.differences(world.table("gold.customer_locations"), shapes.locations(wanted)) == {}


def test_gold_shows_no_technical_column(world: TrafficWorld) -> None:
    for table in ("gold.traffic_data_enriched", "gold.customer_locations"):
        technical = ("_", "quality", "composite", "received", "topic", "partition", "offset", "timestamp")
        assert [c for c in world.table(table).columns if c.startswith(technical)] == []


@pytest.mark.parametrize("table", LAKE)
def test_tables_keep_every_rule_of_their_suites(world: TrafficWorld, table: str) -> None:
    found = verdict(judge_table(world.spark, world.env, load_schemas(), table, LAST))
    assert [describe(r) for r in (*found.critical, *found.warnings)] == []


@pytest.mark.parametrize("table", ["kafka_data", "customer_stats"])
def test_tables_of_postgres_keep_every_rule_of_their_suites(world: TrafficWorld, table: str) -> None:
    rows = {f"gold.{table}": pl.DataFrame(world.lakebase(table), infer_schema_length=None)}
    assert [
        rule
        for rule in load_schemas().suites[f"gold.{table}"].expectations
        if not holds(rule, f"gold.{table}", rows, LAST)
    ] == []


def test_the_readmes_question_to_the_lakebase_is_answered(
    world: TrafficWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = [line for line in LINES if "--lakebase" in line]
    found = caller(monkeypatch, capsys)(*shlex.split(line)[1:])
    assert (found.code, found.err) == (0, "")
    assert str(max(row["event_count"] for row in world.lakebase("customer_stats"))) in found.out.replace(
        ",", ""
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Times as naive UTC, money in cents: as JSON, Delta and PostgreSQL all can say it."""
    at = row["event_ts"]
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    amount = row["amount"]
    cents = None if amount is None else int((Decimal(str(amount)) * 100).to_integral_value())
    return {**row, "event_ts": moment.astimezone(UTC).replace(tzinfo=None), "amount": cents}
