"""A run that is killed, again and again, and started again leaves what a run that was not killed leaves."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import snowflake.connector

from glue_jobs.state.audit import Audit
from sample_data.connections import secret
from tests.aws_gate import AwsGate, aws_gate
from tests.retail import oracle
from tests.retail.conftest import OpenRetailWorld
from tests.retail.retail_world import GOLD, RetailWorld, share_key

DAY, NEXT = date(2017, 1, 2), date(2017, 1, 3)
CORRECTED = 77
SILVER = ("customers", "products", "orders", "behavior", "order_events", "fx_rates", "customer_activity")


def change_source(world: RetailWorld) -> None:
    """The source corrects, on NEXT, a part of the orders and products.

    Rows that were older versions before, or are broken, stay as they are.
    """
    facts = secret(world.env, world.env.snowflake.secret)
    with snowflake.connector.connect(**facts) as connection, connection.cursor() as cursor:
        cursor.execute(f"USE SCHEMA {facts['database']}.{facts['schema']}")
        late = f"UPDATED_AT = '{NEXT} 00:30:00'"
        cursor.execute(
            f"UPDATE ORDERS SET QUANTITY = {CORRECTED}, {late} "
            "WHERE MOD(ORDER_ID, 50) = 0 AND UPDATED_AT > ORDER_TS AND QUANTITY BETWEEN 0 AND 1000"
        )
        cursor.execute(f"UPDATE PRODUCTS SET BRAND = 'Private', {late} WHERE MOD(PRODUCT_ID, 1000) = 0")


def kill_after(world: RetailWorld, gate: AwsGate, changes: int, at: str = "", day: date = DAY) -> bool:
    """Kill a run right after so many changes in AWS that contain `at`; False when it ended before."""
    process = world.start(day)
    gate.arm(changes, process.pid, at)
    process.communicate()
    return gate.killed_at is not None


@pytest.fixture(scope="module")
def undisturbed_day(open_retail_world: OpenRetailWorld) -> tuple[RetailWorld, int]:
    """(a world whose day went well, and whose source changed after it; the changes that the day made in AWS).

    Changes are commits, positions, leases, audit rows and files.
    """
    world = open_retail_world("undisturbed")
    world.load(DAY, DAY, dirt=0.02)
    with aws_gate(world.overlay) as (gate, overlay):
        assert_done(replace(world, overlay=overlay))
    change_source(world)
    assert_done(world, NEXT)
    return world, len(gate.changes)


@pytest.fixture(scope="module")
def undisturbed(undisturbed_day: tuple[RetailWorld, int]) -> RetailWorld:
    return undisturbed_day[0]


@pytest.fixture(scope="module")
def changes_of_a_day(undisturbed_day: tuple[RetailWorld, int]) -> int:
    return undisturbed_day[1]


@pytest.fixture(scope="module")
def open_new_world(open_retail_world: OpenRetailWorld, undisturbed: RetailWorld) -> OpenRetailWorld:
    """Opens worlds of the same day that have not been run yet."""

    def opened(name: str) -> RetailWorld:
        world = open_retail_world(name)
        share_key(undisturbed, world)
        world.load(DAY, DAY, dirt=0.02)
        return world

    return opened


@pytest.fixture(scope="module")
def disturbed(open_new_world: OpenRetailWorld) -> RetailWorld:
    return open_new_world("disturbed")


@pytest.mark.slow
def test_full_disk_is_one_clear_error_and_commits_nothing_by_halves(
    disturbed: RetailWorld, tmp_path: Path
) -> None:
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk of their own")
    outcome = disturbed.run(DAY, disk=tmp_path)
    failed = {job: row for job, row in outcome.items() if row["status"] == "failed"}
    assert failed
    for job, row in failed.items():
        assert row["error"].startswith("RUN070 a disk of the machine that runs Spark is full: "), job
    assert "Traceback" not in next(iter(failed.values()))["stderr"]


def test_killed_run_with_a_source_that_moves_on_leaves_the_sales_of_an_independent_computation(
    open_retail_world: OpenRetailWorld,
) -> None:
    """Killed at a commit of silver; a hundred points are tried at night."""
    world = open_retail_world("killed")
    world.load(DAY, DAY, dirt=0.02)
    with aws_gate(world.overlay) as (gate, overlay):
        assert kill_after(replace(world, overlay=overlay), gate, 1, "-silver-123456789012/orders/_delta_log/")
        change_source(world)
    finish(world)
    lines = world.table("gold.fact_sales").sort("order_id", "line_number")
    corrected = pl.col("order_id") % 50 == 0
    assert set(lines.filter(corrected)["quantity"]) == {CORRECTED}
    expected = oracle.sales(DAY, DAY).with_columns(
        quantity=pl.when(corrected).then(CORRECTED).otherwise("quantity")
    )
    oracle.assert_lines(lines, expected)
    products = world.table("gold.dim_product")
    assert set(products.filter(pl.col("product_id") % 1000 == 0)["brand"]) == {"Private"}
    assert published(world) == {table: len(rows) for table, rows in world.gold().items()}


@pytest.mark.slow
def test_run_killed_after_each_of_a_hundred_changes_leaves_the_same_gold(
    undisturbed: RetailWorld, open_new_world: OpenRetailWorld, changes_of_a_day: int
) -> None:
    points = sorted({changes_of_a_day * part // 100 for part in range(1, 100)})
    for number, first in enumerate(range(0, len(points), 10)):
        world = open_new_world(f"killed-{number}")
        kill_and_finish(world, points[first : first + 10])
        assert_same_tables(undisturbed, world)


@pytest.mark.slow
def test_run_of_which_a_third_of_all_calls_is_throttled_leaves_the_same_gold(
    undisturbed: RetailWorld, open_new_world: OpenRetailWorld
) -> None:
    world = open_new_world("throttled")
    with aws_gate(world.overlay) as (gate, overlay):
        gate.throttle(0.3)
        gated = replace(world, overlay=overlay)
        assert_done(gated)
        change_source(world)
        assert_done(gated, NEXT)
    assert_same_tables(undisturbed, world)


def kill_and_finish(world: RetailWorld, points: list[int]) -> None:
    """Kill a run after each number of changes of `points`, change the source in between, let one end."""
    with aws_gate(world.overlay) as (gate, overlay):
        gated = replace(world, overlay=overlay)
        killed = [kill_after(gated, gate, points[0])]
        change_source(world)
        killed += [kill_after(gated, gate, point, day=NEXT) for point in points[1:]]
    # A run does not repeat what the killed ones before it did, so that a later one may end before its point.
    assert killed[0]
    finish(world)


def finish(world: RetailWorld) -> None:
    """A run that goes on where killed ones stopped."""
    assert_done(world, NEXT)
    running = [run for run in Audit(world.env).list(run_date=DAY, limit=1000) if run.status == "RUNNING"]
    assert running, "a killed run must be recognisable in the audit"


def assert_done(world: RetailWorld, day: date = DAY) -> None:
    """Runs a day: every job ends well."""
    outcome = world.run(day)
    assert {job: row.get("error") for job, row in outcome.items() if row["status"] != "done"} == {}


def assert_same_tables(expected: RetailWorld, world: RetailWorld) -> None:
    gold = expected.gold()
    assert world.gold() == gold
    for table in SILVER:
        assert rows_of(world, table) == rows_of(expected, table), table
    assert published(world) == published(expected) == {table: len(rows) for table, rows in gold.items()}


def rows_of(world: RetailWorld, table: str) -> list[tuple[Any, ...]]:
    """The rows of a silver table, in one order. Bronze holds what was read before the source changed, too."""
    return sorted(world.table(f"silver.{table}").rows(), key=repr)


def published(world: RetailWorld) -> dict[str, int]:
    import psycopg

    from glue_jobs.observability.secrets import Secrets

    with psycopg.connect(**Secrets(world.env).get("redshift")) as redshift:
        counts = {t: redshift.execute(f"SELECT count(*) FROM gold.{t}").fetchone() for t in GOLD}
    return {table: row[0] for table, row in counts.items() if row}
