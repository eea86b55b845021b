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
from tests.retail.conftest import OpenShop
from tests.retail.retail_world import GOLD, Shop

DAY = date(2017, 1, 2)
KILLS = 10


def lines_of(folder: Path) -> int:
    return sum(p.read_bytes().count(b"\n") for p in folder.glob("*")) if folder.is_dir() else 0


def kill_after(shop: Shop, lines: int, pause: float, whole_group: bool) -> bool:
    """Starts a run and kills it `pause` seconds after its log has grown by `lines`; False when it ended before."""
    before = lines_of(shop.logs)
    process = shop.start(DAY)
    while lines_of(shop.logs) - before < lines and process.poll() is None:
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
def calm(open_shop: OpenShop) -> Shop:
    """A shop whose day went well."""
    shop = open_shop("calm")
    shop.load(DAY, DAY, dirt=0.02)
    assert {r["status"] for r in shop.run(DAY).values()} == {"done"}
    return shop


@pytest.fixture(scope="module")
def troubled(open_shop: OpenShop, calm: Shop) -> Shop:
    """A shop of the same day that has not been run yet."""
    shop = open_shop("troubled")
    share_key(calm, shop)
    shop.load(DAY, DAY, dirt=0.02)
    return shop


def test_full_disk_is_one_clear_error_and_commits_nothing_by_halves(troubled: Shop, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk of their own")
    outcome = troubled.run(DAY, disk=tmp_path)
    failed = {job: r for job, r in outcome.items() if r["status"] == "failed"}
    assert failed
    for job, row in failed.items():
        assert row["error"].startswith("RUN070 a disk of the machine that runs Spark is full: "), job
    assert "Traceback" not in next(iter(failed.values()))["stderr"]


def test_run_killed_at_ten_points_and_started_again_leaves_the_same_gold(calm: Shop, troubled: Shop) -> None:
    """It goes on where the full disk left it."""
    wanted, length = calm.gold(), lines_of(calm.logs)
    chance = random.Random(2017)
    killed = [
        kill_after(troubled, length * (i + 1) // (KILLS + 1), chance.uniform(0, 1.0), i % 2 == 0)
        for i in range(KILLS)
    ]
    assert sum(killed) >= KILLS - 1, "the runs ended before they could be killed"
    last = troubled.run(DAY)
    assert {j: r["status"] for j, r in last.items()} == dict.fromkeys(last, "done"), str(last)[:3000]

    assert troubled.gold() == wanted
    for table in (
        "snowflake_orders",
        "snowflake_customers",
        "redshift_behavior",
        "crm_accounts",
        "fx_rates",
        "kafka_events",
    ):
        assert rows_of(troubled, table) == rows_of(calm, table), table
    assert published(troubled) == published(calm) == {t: len(rows) for t, rows in wanted.items()}
    dead = [r for r in Audit(troubled.env).list(run_date=DAY, limit=1000) if r.status == "RUNNING"]
    assert dead, "a killed run must be recognisable in the audit"


def share_key(one: Shop, other: Shop) -> None:
    """Each world masks personal data by a key of its own; with the same key the masks must be the same, too."""
    name = names.secret(one.env, "pii_key")
    value = clients(one.env).secretsmanager.get_secret_value(SecretId=name)["SecretString"]
    clients(other.env).secretsmanager.put_secret_value(SecretId=name, SecretString=value)


def rows_of(shop: Shop, table: str) -> list[tuple[Any, ...]]:
    """What was ingested, without the marks of the run that did it."""
    own = pl.exclude("_ingest_ts", "_batch_id", "kafka_offset", "kafka_partition", "kafka_timestamp")
    return sorted(shop.table(f"bronze.{table}").select(own).rows(), key=repr)


def published(shop: Shop) -> dict[str, int]:
    import psycopg

    from glue_jobs.observability.secrets import Secrets

    with psycopg.connect(**Secrets(shop.env).get("redshift")) as redshift:
        return {t: redshift.execute(f"SELECT count(*) FROM gold.{t}").fetchone()[0] for t in GOLD}  # type: ignore[index]
