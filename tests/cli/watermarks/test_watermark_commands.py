"""`lakehouse watermark`: what a person sees, what a reset moves, and that it can be undone."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from glue_jobs.state.audit import Audit, Counts, RunRow
from glue_jobs.state.lease import lease
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment
from tests.cli.calls import Call

ORDERS, SILVER = "snowflake_orders.updated_at", "bronze_to_silver.silver.orders"
EVENTS = "kafka_events.offsets"


def stand(env: Environment, key: str, position: Any, pending: Any = None) -> None:
    """Puts a watermark to a position, with a batch that is pending."""
    watermark = Watermarks(env).open(key)
    watermark.reset(position)
    if pending is not None:
        watermark.plan_batch(pending, batch_id="b", run_id="r", run_date=date(2017, 1, 31))


def listed(lakehouse: Call, *arguments: str) -> dict[str, Any]:
    answer = lakehouse("watermark", "list", "--env", "local", "--json", *arguments)
    return {row["watermark"]: row for row in json.loads(answer.out)}


@pytest.fixture
def world(moto_world: Environment) -> Environment:
    stand(moto_world, ORDERS, {"high": "2017-01-31T10:00:00+00:00"})
    stand(moto_world, SILVER, {"bronze.snowflake_orders": {"id": "x", "version": 7}})
    return moto_world


def test_the_list_says_where_each_source_and_table_stands(world: Environment, lakehouse: Call) -> None:
    stand(world, f"{ORDERS}@backfill", {"high": "2017-01-01T00:00:00+00:00"})
    judged = {"versions": {"silver.orders": 4}, "ids": {"silver.orders": "x"}, "rules": "h"}
    stand(world, "dq_silver_gate.silver.orders", judged)
    rows = listed(lakehouse)
    assert rows["dq_silver_gate.silver.orders"]["stands at"] == "silver.orders version 4"
    assert rows[ORDERS]["stands at"] == "rows up to 2017-01-31T10:00:00+00:00"
    assert (rows[ORDERS]["job"], rows[ORDERS]["follows"]) == ("snowflake_to_bronze", "snowflake")
    assert rows[SILVER]["stands at"] == "bronze.snowflake_orders version 7"
    assert f"{ORDERS}@backfill" not in rows
    more = lakehouse(
        "watermark", "list", "--env", "local", "--days", "--job", "snowflake_to_bronze", "--json"
    )
    assert f"{ORDERS}@backfill" in {r["watermark"] for r in json.loads(more.out)}


def test_a_reset_shows_what_was_read_and_asks(world: Environment, lakehouse: Call) -> None:
    row = RunRow("w-1", "snowflake_to_bronze", "retail", date(2017, 1, 20))
    Audit(world).start(row)
    counts = {"bronze.snowflake_orders": Counts(120, 120)}
    Audit(world).finish("w-1", tables=counts, seconds=40.0, cost_estimate_usd=0.25)
    answer = lakehouse("watermark", "reset", "--env", "local", ORDERS, "--before", "2017-01-15", "--dry-run")
    assert answer.code == 0, answer.err
    assert "will stand at: rows up to 2017-01-14T23:59:59.999999+00:00" in answer.out
    assert "read since then: 1 runs, 120 rows in, 40 s, 0.25 USD by the audit" in answer.out
    assert Watermarks(world).read(ORDERS).position == {"high": "2017-01-31T10:00:00+00:00"}


def test_a_reset_is_in_the_audit_and_can_be_undone(world: Environment, lakehouse: Call) -> None:
    before = Watermarks(world).read(ORDERS)
    done = lakehouse("watermark", "reset", "--env", "local", ORDERS, "--beginning", "--yes")
    assert done.code == 0, done.err
    assert Watermarks(world).read(ORDERS).position is None
    (row,) = Audit(world).list(job="watermark_reset", limit=1)
    assert row.actor
    assert row.action == {"watermark": ORDERS, "before": before.position, "dropped": None, "after": None}
    assert lakehouse("watermark", "reset", "--env", "local", ORDERS, "--undo", row.run_id, "--yes").code == 0
    after = Watermarks(world).read(ORDERS)
    assert (after.position, after.batch) == (before.position, before.batch)
    wrong = lakehouse("watermark", "reset", "--env", "local", SILVER, "--undo", row.run_id, "--yes")
    assert (wrong.code, wrong.err[:6]) == (1, "RUN601")


def test_a_pending_batch_is_named_and_dropped(world: Environment, lakehouse: Call) -> None:
    stand(world, ORDERS, {"high": "2017-01-31T10:00:00+00:00"}, {"high": "2017-02-01T00:00:00+00:00"})
    answer = lakehouse("watermark", "reset", "--env", "local", ORDERS, "--drop-pending", "--yes")
    assert "up to rows up to 2017-02-01T00:00:00+00:00, which a run left" in answer.out
    state = Watermarks(world).read(ORDERS)
    assert (state.position, state.pending) == ({"high": "2017-01-31T10:00:00+00:00"}, None)


def test_nothing_moves_while_a_run_writes_the_table(
    world: Environment, lakehouse: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.watermarks.reset._MORE_SECONDS", -world.lease_seconds)
    with lease(world, "bronze.snowflake_orders", "a-run"):
        answer = lakehouse("watermark", "reset", "--env", "local", ORDERS, "--beginning", "--yes")
    assert (answer.code, answer.err[:6]) == (1, "RUN020")
    assert Watermarks(world).read(ORDERS).position is not None
    assert Audit(world).list(job="watermark_reset", limit=1)[0].error_code == "RUN020"


@pytest.mark.parametrize(
    ("key", "position"),
    [
        (ORDERS, '{"high": "31.01.2017"}'),
        (ORDERS, '{"high": "2017-01-31T00:00:00"}'),
        (ORDERS, '{"hihg": "2017-01-31T00:00:00+00:00"}'),
        (ORDERS, "2017-01-31"),
        (ORDERS, '{"high": "2917-01-31T00:00:00+00:00"}'),
        (ORDERS, '{"high": "2017-01-31T00:00:00+00:00", "high": "2017-02-28T00:00:00+00:00"}'),
        (EVENTS, '{"offsets": {"0": 1, "00": 2}}'),
        (EVENTS, '{"offsets": {"0": -1}}'),
        (EVENTS, '{"offsets": {"zero": 1}}'),
        (EVENTS, '{"offsets": {"0": true}}'),
        ("crm_contacts.files", '{"dt": "2017-01-31"}'),
        ("crm_contacts.files", '{"dt": "2917-01-31", "through": "2017-01-31T00:00:00+00:00", "recent": []}'),
        ("crm_contacts.files", '{"dt": "2017-01-31", "through": "2917-01-31T00:00:00+00:00", "recent": []}'),
        (SILVER, '{"bronze.snowflake_orders": 3}'),
    ],
)
def test_a_position_that_the_source_cannot_start_from_is_refused(
    key: str, position: str, world: Environment, lakehouse: Call
) -> None:
    answer = lakehouse("watermark", "reset", "--env", "local", key, "--to", position, "--yes")
    assert (answer.code, answer.err[:6]) == (1, "RUN600"), answer.out + answer.err
    assert "wanted" in answer.err


def test_a_key_that_no_job_has_is_refused_with_the_nearest(world: Environment, lakehouse: Call) -> None:
    answer = lakehouse("watermark", "show", "--env", "local", "snowflake_order.updated_at")
    assert answer.code == 2
    assert f"did you mean '{ORDERS}'?" in " ".join(answer.err.replace("│", " ").split())


def test_one_way_to_say_the_position_is_wanted(world: Environment, lakehouse: Call) -> None:
    assert lakehouse("watermark", "reset", "--env", "local", ORDERS).code == 2
    both = lakehouse("watermark", "reset", "--env", "local", ORDERS, "--beginning", "--drop-pending")
    assert both.code == 2
