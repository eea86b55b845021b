"""A run that is killed, again and again, and started again leaves what a run that was not killed leaves."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector

from glue_jobs.state.audit import Audit
from sample_data.connections import secret
from tests.aws_gate import AwsGate, aws_gate
from tests.retail.conftest import OpenRetailWorld
from tests.retail.retail_world import GOLD, RetailWorld, share_key

DAY = date(2017, 1, 2)
SILVER = ("customers", "products", "orders", "behavior", "order_events", "fx_rates", "customer_activity")


def change_source(world: RetailWorld) -> None:
    """The source corrects a part of the day's orders and products, as sources do at any time."""
    facts = secret(world.env, world.env.snowflake.secret)
    with snowflake.connector.connect(**facts) as connection, connection.cursor() as cursor:
        cursor.execute(f"USE SCHEMA {facts['database']}.{facts['schema']}")
        late = f"UPDATED_AT = '{DAY} 23:59:59'"
        cursor.execute(
            f"UPDATE ORDERS SET QUANTITY = QUANTITY + 1, {late} "
            f"WHERE MOD(ORDER_ID, 50) = 0 AND UPDATED_AT >= '{DAY}'"
        )
        cursor.execute(f"UPDATE PRODUCTS SET BRAND = 'Private', {late} WHERE MOD(PRODUCT_ID, 1000) = 0")


def kill_after(world: RetailWorld, gate: AwsGate, changes: int) -> bool:
    """Kill a run right after it has changed something in AWS so many times; False when it ended before."""
    process = world.start(DAY)
    gate.arm(changes, process.pid)
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
    assert_done(world)
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


def test_killed_run_with_a_source_that_moves_on_leaves_the_same_gold(
    undisturbed: RetailWorld, disturbed: RetailWorld, changes_of_a_day: int
) -> None:
    """Killed once, while silver is written; a hundred points are tried at night."""
    kill_and_finish(disturbed, [changes_of_a_day // 2])
    assert_same_tables(undisturbed, disturbed)


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
        assert_done(gated)
    assert_same_tables(undisturbed, world)


def kill_and_finish(world: RetailWorld, points: list[int]) -> None:
    """Kill a run after each number of changes of `points`, change the source in between, let one end."""
    with aws_gate(world.overlay) as (gate, overlay):
        gated = replace(world, overlay=overlay)
        killed = [kill_after(gated, gate, points[0])]
        change_source(world)
        killed += [kill_after(gated, gate, point) for point in points[1:]]
    # A run does not repeat what the killed ones before it did, so that a later one may end before its point.
    assert killed[0]
    assert_done(world)
    running = [run for run in Audit(world.env).list(run_date=DAY, limit=1000) if run.status == "RUNNING"]
    assert running, "a killed run must be recognisable in the audit"


def assert_done(world: RetailWorld) -> None:
    """Runs the day: every job ends well."""
    outcome = world.run(DAY)
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
