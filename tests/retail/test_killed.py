"""A run that is killed, again and again, and started again leaves what a run that was not killed leaves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from glue_jobs.aws import clients
from glue_jobs.state.audit import Audit
from lakehouse.environments import names
from tests.retail.conftest import OpenRetailWorld
from tests.retail.retail_world import GOLD, RetailWorld

DAY = date(2017, 1, 2)
BRONZE = (
    "snowflake_orders",
    "snowflake_customers",
    "redshift_behavior",
    "crm_accounts",
    "fx_rates",
    "kafka_events",
)


def lines_of(folder: Path) -> int:
    return sum(p.read_bytes().count(b"\n") for p in folder.glob("*")) if folder.is_dir() else 0


def kill_after(world: RetailWorld, lines: int, pause: float, whole_group: bool) -> bool:
    """Kill a run `pause` seconds after its log has grown by `lines` lines; False when it ended before."""
    before = lines_of(world.logs)
    process = world.start(DAY)
    while lines_of(world.logs) - before < lines and process.poll() is None:
        time.sleep(0.02)
    time.sleep(pause)
    if process.poll() is not None:
        process.communicate()
        return False
    # A container dies as a whole; a process alone leaves its JVM to find out by itself.
    if whole_group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return True


@pytest.fixture(scope="module")
def undisturbed(open_retail_world: OpenRetailWorld) -> RetailWorld:
    """A world whose day went well."""
    world = open_retail_world("undisturbed")
    world.load(DAY, DAY, dirt=0.02)
    assert {row["status"] for row in world.run(DAY).values()} == {"done"}
    return world


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


def test_run_killed_at_three_points_after_a_full_disk_leaves_the_same_gold(
    undisturbed: RetailWorld, disturbed: RetailWorld
) -> None:
    kill_and_finish(disturbed, 3, lines_of(undisturbed.logs))
    assert_same_tables(undisturbed, disturbed)


@pytest.mark.slow
def test_run_killed_at_ten_points_leaves_the_same_gold(
    undisturbed: RetailWorld, open_new_world: OpenRetailWorld
) -> None:
    world = open_new_world("killed-ten-times")
    kill_and_finish(world, 10, lines_of(undisturbed.logs))
    assert_same_tables(undisturbed, world)


def kill_and_finish(world: RetailWorld, kills: int, length: int) -> None:
    """Kill runs at points spread over the `length` of a whole run's log, then let one end."""
    chance = random.Random(2017)
    killed = [
        kill_after(world, length * (number + 1) // (kills + 1), chance.uniform(0, 1.0), number % 2 == 0)
        for number in range(kills)
    ]
    assert sum(killed) >= kills - 1, "the runs ended before they could be killed"
    last = world.run(DAY)
    assert {job: row["status"] for job, row in last.items()} == dict.fromkeys(last, "done"), str(last)[:3000]
    running = [run for run in Audit(world.env).list(run_date=DAY, limit=1000) if run.status == "RUNNING"]
    assert running, "a killed run must be recognisable in the audit"


def assert_same_tables(expected: RetailWorld, world: RetailWorld) -> None:
    gold = expected.gold()
    assert world.gold() == gold
    for table in BRONZE:
        assert rows_of(world, table) == rows_of(expected, table), table
    assert published(world) == published(expected) == {table: len(rows) for table, rows in gold.items()}


def share_key(one: RetailWorld, other: RetailWorld) -> None:
    """Each platform masks personal data by its own key; with the same key the masks are the same."""
    name = names.secret(one.env, "pii_key")
    value = clients(one.env).secretsmanager.get_secret_value(SecretId=name)["SecretString"]
    clients(other.env).secretsmanager.put_secret_value(SecretId=name, SecretString=value)


def rows_of(world: RetailWorld, table: str) -> list[tuple[Any, ...]]:
    """The ingested rows, without the columns that differ from run to run."""
    columns = pl.exclude("_ingest_ts", "_batch_id", "kafka_offset", "kafka_partition", "kafka_timestamp")
    return sorted(world.table(f"bronze.{table}").select(columns).rows(), key=repr)


def published(world: RetailWorld) -> dict[str, int]:
    import psycopg

    from glue_jobs.observability.secrets import Secrets

    with psycopg.connect(**Secrets(world.env).get("redshift")) as redshift:
        return {t: redshift.execute(f"SELECT count(*) FROM gold.{t}").fetchone()[0] for t in GOLD}  # type: ignore[index]
