"""Tables of the CRM are upserted by key and time: polars' newest version, however the history arrives."""

from __future__ import annotations

import json
import random
import uuid
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from cli.run.request import JobsRequest
from cli.run.selection import choose
from cli.run.waves import run_jobs
from cli.tables.storage import storage_options
from glue_jobs.job_types.transform import Transform
from glue_jobs.tables.target import append
from glue_jobs.user_code import load_module
from lakehouse.environments import Environment, names
from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root
from sample_data import crm
from tests.glue_jobs.builders import target
from tests.glue_jobs.job_types.late_harness import Shop
from tests.glue_jobs.run_harness import run_context

END, SEED, KEYS = date(2017, 12, 31), 7, 25
INGESTED, BATCH = datetime(2018, 1, 1, 2), str(uuid.UUID(int=7, version=4))
JOB = load_pipelines()["crm"].job("crm_to_silver")
HISTORIES = {"accounts": crm.accounts, "contacts": crm.contacts, "opportunities": crm.opportunities}
KEY_OF = {"accounts": "account_id", "contacts": "contact_id", "opportunities": "opportunity_id"}


@pytest.fixture(scope="module")
def histories() -> dict[str, pl.DataFrame]:
    """Every version of a few keys of each table."""
    few = {}
    for table, history in HISTORIES.items():
        rows, key = history(END, SEED), KEY_OF[table]
        few[table] = rows.filter(pl.col(key).is_in(rows[key].unique().sort().head(KEYS).to_list()))
    return few


@pytest.fixture(scope="module")
def shop(local_env: Environment, spark: SparkSession) -> Shop:
    return Shop(local_env, spark)


def put(shop: Shop, table: str, batch: int, rows: list[dict[str, Any]]) -> None:
    """Appends the rows to bronze as an ingest of END does."""
    contract = shop.schemas.contracts[table]
    how = {"_ingest_ts": INGESTED, "_batch_id": BATCH, "_source_system": "crm", "_run_date": END}
    values: list[tuple[Any, ...]] = [tuple({**how, **r}.get(n) for n, _ in contract.stored) for r in rows]
    bronze = target(shop.spark, shop.env, contract, batch, uri=names.table_uri(shop.env, table))
    append(bronze, shop.spark.createDataFrame(values, contract.ddl))


@pytest.fixture(scope="module")
def stored(shop: Shop, histories: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables after two runs: each version came with one of them, in any order."""
    rng = random.Random(SEED)
    batch_of = {t: [rng.randrange(2) for _ in range(rows.height)] for t, rows in histories.items()}
    for batch in range(2):
        for table, rows in histories.items():
            part = rows.filter(pl.Series([b == batch for b in batch_of[table]])).to_dicts()
            put(shop, f"bronze.crm_{table}", batch + 1, part)
        run = run_context(shop.env, JOB, shop.schemas, shop.spark, run_date=END)
        with pytest.MonkeyPatch.context() as variables:
            variables.setenv("LAKEHOUSE_SECRET_PII_KEY", json.dumps({"key": "0123456789abcdef" * 4}))
            Transform(load_module(project_root(), JOB.procs[0].file)).execute(run)
    options = storage_options(shop.env)
    tables = {
        t: DeltaTable(names.table_uri(shop.env, f"silver.{t}"), storage_options=options) for t in KEY_OF
    }
    return {t: pl.DataFrame(pl.from_arrow(table.to_pyarrow_table())) for t, table in tables.items()}


@pytest.mark.parametrize("table", KEY_OF)
def test_newest_version_of_each_key_is_kept(
    histories: dict[str, pl.DataFrame], stored: dict[str, pl.DataFrame], table: str
) -> None:
    key = KEY_OF[table]
    newest = histories[table].sort(key, "updated_at").group_by(key, maintain_order=True).last()
    assert newest.height < histories[table].height
    columns = [c for c in stored[table].columns if c in newest.columns and c not in ("email", "phone")]
    times = pl.col("updated_at").dt.replace_time_zone(None).cast(pl.Datetime("us"))
    assert stored[table].with_columns(times).sort(key).select(columns).equals(newest.select(columns))


def test_contacts_are_masked_and_lose_their_names(
    histories: dict[str, pl.DataFrame], stored: dict[str, pl.DataFrame]
) -> None:
    contacts = stored["contacts"]
    assert "full_name" not in contacts.columns
    assert contacts["email"].drop_nulls().str.contains("^[0-9a-f]{64}$").all()
    assert set(contacts["phone"].drop_nulls()).isdisjoint(histories["contacts"]["phone"])


def test_sound_versions_pass_both_gates_and_a_broken_critical_rule_stops_what_follows(
    shop: Shop, stored: dict[str, pl.DataFrame], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAKEHOUSE_SECRET_PII_KEY", json.dumps({"key": "0123456789abcdef" * 4}))
    monkeypatch.setenv("LAKEHOUSE_LOGS", str(tmp_path))
    jobs, request = choose(["crm"], None), JobsRequest(END)
    sound = run_jobs(shop.env, jobs, shop.schemas, request, quiet=True)
    assert {o.job: (o.status, o.error) for o in sound} == {j.name: ("done", "") for j in jobs}
    put(shop, "bronze.crm_accounts", 3, [{"account_id": "no account", "updated_at": INGESTED}])
    broken = {o.job: o for o in run_jobs(shop.env, jobs, shop.schemas, request, quiet=True)}
    assert {name: o.status for name, o in broken.items()} == {
        "dq_crm_bronze_gate": "failed",
        "crm_to_silver": "skipped",
        "dq_crm_gate": "skipped",
    }
    assert "RUN301" in broken["dq_crm_bronze_gate"].error
    accounts = DeltaTable(
        names.table_uri(shop.env, "silver.accounts"), storage_options=storage_options(shop.env)
    )
    assert "no account" not in accounts.to_pyarrow_table()["account_id"].to_pylist()
