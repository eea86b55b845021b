"""The real month, dirt and all, from the sources to the warehouses, judged from outside."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest
from deltalake import DeltaTable

from cli.quarantine.rows import first_rows, quarantined_rows
from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from lakehouse.contracts import load_schemas
from lakehouse.environments import names
from lakehouse.pipelines import load_pipelines
from sample_data.summary import Outcome, Summary
from tests.retail import oracle
from tests.retail.conftest import OpenRetailWorld
from tests.retail.retail_world import GOLD, RetailWorld
from tests.test_readme import LINES

FIRST, LAST = date(2017, 1, 1), date(2017, 1, 31)
INGESTS = (
    "snowflake_to_bronze",
    "redshift_to_bronze",
    "crm_to_bronze",
    "fx_json_to_bronze",
    "kafka_csv_to_bronze",
)


@dataclass
class Month:
    world: RetailWorld
    loaded: Summary
    first: dict[str, dict[str, Any]]
    gold: dict[str, list[tuple[Any, ...]]]
    second: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def month(open_retail_world: OpenRetailWorld) -> Month:
    """January 2017 with 2 % of every kind of dirt, run twice."""
    world = open_retail_world("month")
    loaded = world.load(FIRST, LAST, dirt=0.02)
    first = world.run(LAST)
    assert {r["job"]: r["status"] for r in first.values()} == dict.fromkeys(first, "done"), first[
        next(iter(first))
    ]["stderr"][-3000:]
    gold = world.gold()
    return Month(world, loaded, first, gold, world.run(LAST))


@pytest.fixture(scope="module")
def lines(month: Month) -> pl.DataFrame:
    return month.world.table("gold.fact_sales").sort("order_id", "line_number")


LOOKS = ("lakehouse runs", "lakehouse quarantine list", "lakehouse query", "lakehouse dq check")


@pytest.mark.parametrize(
    "line", [line for line in LINES if line.startswith(LOOKS) and "--lakebase" not in line]
)
def test_command_of_the_readme_that_reads_tables_answers(month: Month, line: str) -> None:
    out, err = (process := month.world.lakehouse(*shlex.split(line)[1:])).communicate(timeout=120)
    assert process.returncode == 0, err[-2000:]
    assert len(out.splitlines()) > 1 or json.loads(out), out


@pytest.mark.parametrize("job", INGESTS)
def test_every_row_that_came_in_is_written_quarantined_or_deduplicated(month: Month, job: str) -> None:
    row = month.first[job]
    assert row["rows in"] == row["written"] + row["quarantined"] + row["deduplicated"] > 0


def test_source_rows_and_dirt_are_all_accounted_for_in_bronze(month: Month) -> None:
    contracts = load_schemas().contracts
    for source, clean in month.loaded.rows.items():
        broken = month.loaded.dirt_rows(source, Outcome.BRONZE)
        stored = month.world.table(f"bronze.{source}").height
        assert stored == clean + month.loaded.dirt_rows(source) - broken, source
        held = sum(
            1
            for _ in first_rows(month.world.env, quarantined_rows(month.world.env, f"bronze.{source}"), 10**6)
        )
        assert held == broken, source
        assert f"bronze.{source}" in contracts


def test_silver_holds_the_clean_rows_alone(month: Month) -> None:
    held = {
        t: month.world.table(f"silver.{t}").height
        for t in ("orders", "customers", "products", "order_events", "behavior")
    }
    loaded = month.loaded.rows
    assert held == {
        "orders": loaded["snowflake_orders"],
        "customers": loaded["snowflake_customers"],
        "products": loaded["snowflake_products"],
        "order_events": loaded["kafka_events"],
        "behavior": loaded["redshift_behavior"],
    }


def test_fact_sales_equals_an_independent_computation_line_by_line(lines: pl.DataFrame) -> None:
    oracle.assert_sales(lines, FIRST, LAST)


def test_fact_orders_are_the_lines_added_up(month: Month, lines: pl.DataFrame) -> None:
    orders = month.world.table("gold.fact_orders").sort("order_id")
    added = (
        lines.group_by("order_id")
        .agg(pl.len().alias("line_count"), pl.col("amount", "amount_usd", "quantity").sum())
        .sort("order_id")
    )
    columns = ["order_id", "line_count", "amount", "amount_usd", "quantity"]
    assert [tuple(map(str, r)) for r in orders.select(columns).rows()] == [
        tuple(map(str, r)) for r in added.select(columns).rows()
    ]


def test_every_line_points_to_a_row_of_each_dimension(month: Month, lines: pl.DataFrame) -> None:
    for dim, key in (("dim_customer", "customer_sk"), ("dim_product", "product_sk"), ("dim_date", "date_sk")):
        rows = month.world.table(f"gold.{dim}")
        assert rows[key].is_unique().all()
        assert lines.join(rows, key, "anti").is_empty(), dim
    keys = month.world.table("gold.dim_customer").select("customer_sk", pl.col("customer_id").alias("who"))
    pointed = lines.filter(pl.col("customer_sk") != -1).join(keys, "customer_sk")
    assert (pointed["customer_id"] == pointed["who"]).all()


def test_line_of_an_unknown_product_points_to_the_unknown_member(month: Month, lines: pl.DataFrame) -> None:
    keys = month.world.table("gold.dim_product")["product_id"].to_list()
    strangers = lines.filter(~pl.col("product_id").is_in(keys))
    assert strangers.height > 0
    assert set(strangers["product_sk"]) == {-1}


def test_customer_versions_neither_overlap_nor_gap(month: Month) -> None:
    rows = (
        month.world.table("gold.dim_customer")
        .filter(pl.col("customer_sk") != -1)
        .sort("customer_id", "valid_from")
    )
    following = rows.with_columns(
        next_from=pl.col("valid_from").shift(-1).over("customer_id"), versions=pl.len().over("customer_id")
    )
    ended = following.filter(pl.col("next_from").is_not_null())
    assert (ended["valid_to"] == ended["next_from"]).all()
    assert rows.filter("is_current").height == rows["customer_id"].n_unique()


def test_run_twice_gives_the_same_gold_and_writes_nothing(month: Month) -> None:
    assert month.world.gold() == month.gold
    written = {
        job: r["written"] for job, r in month.second.items() if not job.startswith(("dq_", "register"))
    }
    assert written == dict.fromkeys(written, 0)


@pytest.mark.parametrize("table", GOLD)
def test_gold_opens_in_duckdb_and_polars_and_needs_no_new_reader(month: Month, table: str) -> None:
    uri, options = names.table_uri(month.world.env, f"gold.{table}"), storage_options(month.world.env)
    delta = DeltaTable(uri, storage_options=options)
    assert delta.protocol().min_reader_version <= 2
    dataset = delta.to_pyarrow_dataset()
    counted = duckdb.connect().execute("SELECT count(*) FROM dataset").fetchone()
    assert counted is not None
    assert (
        counted[0]
        == pl.scan_delta(uri, storage_options=options).select(pl.len()).collect().item()
        == len(month.gold[table])
    )
    assert dataset.schema.names == list(load_schemas().contracts[f"gold.{table}"].column_names)


def test_personal_data_is_readable_in_bronze_only(month: Month) -> None:
    clear = {
        v
        for c in ("email", "phone", "full_name")
        for v in month.world.table("bronze.snowflake_customers")[c].drop_nulls()
    }
    for table in ("silver.customers", "gold.dim_customer"):
        rows = month.world.table(table)
        held = {v for c in rows.columns if rows[c].dtype == pl.String for v in rows[c].drop_nulls()}
        assert not held & clear, table
    assert month.world.table("silver.customers")["email"].str.contains("^[0-9a-f]{64}$").all()


def test_warehouses_hold_what_gold_holds(month: Month) -> None:
    import psycopg
    import snowflake.connector

    from glue_jobs.observability.secrets import Secrets

    secrets = Secrets(month.world.env)
    to = secrets.get("redshift")
    with psycopg.connect(**to) as redshift:
        counts = {t: redshift.execute(f"SELECT count(*) FROM gold.{t}").fetchone() for t in GOLD}
        in_redshift = {t: count[0] for t, count in counts.items() if count}
        total = redshift.execute("SELECT sum(amount_usd) FROM gold.fact_sales").fetchone()
    snow = secrets.get("snowflake")
    with snowflake.connector.connect(**{**snow, "port": int(snow["port"])}) as connection:
        cursor = connection.cursor()
        in_snowflake = {
            t: cursor.execute(f"SELECT count(*) FROM ANALYTICS.GOLD.{t.upper()}").fetchone()[0] for t in GOLD
        }  # type: ignore[union-attr, index]
    held = {t: len(month.gold[t]) for t in GOLD}
    assert in_redshift == held == in_snowflake
    assert total is not None
    assert total[0] == month.world.table("gold.fact_sales")["amount_usd"].sum()


def test_no_secret_is_found_in_any_object_log_or_table(month: Month) -> None:
    aws = clients(month.world.env)
    listed = aws.secretsmanager.list_secrets()["SecretList"]
    texts = [
        json.loads(aws.secretsmanager.get_secret_value(SecretId=s["Name"])["SecretString"]) for s in listed
    ]
    canaries = {str(v).encode() for t in texts for k, v in t.items() if k in ("password", "key")}
    assert len(canaries) >= 3
    for zone in names.Zone:
        bucket = names.bucket(month.world.env, zone)
        for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", []):
                body = aws.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
                assert not [c for c in canaries if c in body], item["Key"]
    text = (
        b"".join(p.read_bytes() for p in month.world.logs.glob("*"))
        + str(month.first).encode()
        + str(month.second).encode()
    )
    assert not [c for c in canaries if c in text]


def test_every_job_said_where_its_rows_came_from(month: Month) -> None:
    aws, env = clients(month.world.env), month.world.env
    root = S3Uri.parse(names.lineage_root(env))
    values_seen: dict[str, set[str]] = {}
    for key in list_keys(aws.s3, root):
        event = json.loads(aws.s3.get_object(Bucket=root.bucket, Key=key)["Body"].read())
        values_seen.setdefault(event["job"]["name"], set()).add(event["eventType"])
        if event["job"]["name"] == "silver_to_gold" and event["eventType"] == "COMPLETE":
            sales = next(o for o in event["outputs"] if o["name"] == "fact_sales")
            assert "schema" in sales["facets"]
            assert sales["facets"]["columnLineage"]["fields"]["amount_usd"]["inputFields"]
    assert values_seen == {job: {"START", "COMPLETE"} for job in month.first}


def test_every_job_has_an_audit_row_and_metrics(month: Month) -> None:
    from glue_jobs.state.audit import Audit, Status

    rows = Audit(month.world.env).list(run_date=LAST, limit=100)
    assert {(r.job, r.status) for r in rows} == {(job, Status.SUCCEEDED) for job in month.first}
    assert len(rows) == 2 * len(month.first)
    metrics = clients(month.world.env).cloudwatch.list_metrics(
        Namespace=names.metrics_namespace(month.world.env)
    )["Metrics"]
    assert {m["MetricName"] for m in metrics} == {
        "records_processed_total",
        "dq_critical_failures",
        "latency_seconds",
        "cost_estimate_usd",
    }


def test_athena_finds_the_real_columns_in_the_catalog(month: Month) -> None:
    glue, env = clients(month.world.env).glue, month.world.env
    for table in GOLD:
        entry = glue.get_table(DatabaseName=names.database(env, "gold"), Name=table)["Table"]
        assert [c["Name"] for c in entry["StorageDescriptor"]["Columns"]] == list(
            load_schemas().contracts[f"gold.{table}"].column_names
        )
        assert entry["Parameters"]["table_type"] == "delta"


def test_gates_leave_results_that_say_every_rule(month: Month) -> None:
    suites = load_schemas().suites
    for layer in ("silver", "gold"):
        uri = f"{names.dq_results_root(month.world.env)}/{layer}/results"
        rows = pl.from_arrow(
            DeltaTable(uri, storage_options=storage_options(month.world.env)).to_pyarrow_table()
        )
        assert isinstance(rows, pl.DataFrame)
        judged = load_pipelines()["retail"].job(f"dq_{layer}_gate").reads
        expected = sum(len(suites[table].expectations) for table in judged)
        assert rows.height == expected, "the second run found nothing new to judge"
        assert rows.filter(~pl.col("success") & (pl.col("severity") == "critical")).is_empty()
