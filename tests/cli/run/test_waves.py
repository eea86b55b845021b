"""A new batch pipeline runs as it is, and then computes only the days that changed.

tests/project runs one of each kind in a project of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.project import project_root
from tests.project_marker import copy_project

DAY = "2017-01-31"
ORDERS = "silver.orders"


def order(
    number: int, line: int, store: int, day: int, usd: str, currency: str = "USD", *, deleted: bool = False
) -> dict[str, Any]:
    at = datetime(2017, 1, day, 12, tzinfo=UTC)
    return {
        "order_id": number,
        "line_number": line,
        "customer_id": 7,
        "product_id": 1,
        "store_id": store,
        "quantity": 1,
        "amount": Decimal(usd),
        "retail_discount": Decimal(0),
        "coupon_discount": Decimal(0),
        "currency": currency,
        "order_ts": at,
        "updated_at": at,
        "order_date": date(2017, 1, day),
        "amount_usd": Decimal(usd),
        "is_deleted": deleted,
    }


FIRST = [
    order(1, 1, 10, 1, "2.50"),
    order(1, 2, 10, 1, "1.25"),
    order(2, 1, 10, 1, "4"),
    order(3, 1, 11, 2, "7", "EUR"),
    order(4, 1, 11, 2, "100", deleted=True),
]
LATER = [order(5, 1, 10, 3, "9.99", "GBP")]
TYPES = {
    "bigint": pa.int64(),
    "int": pa.int32(),
    "string": pa.string(),
    "timestamp": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "decimal(18,2)": pa.decimal128(18, 2),
    "decimal(18,4)": pa.decimal128(18, 4),
}


def written(env: Environment, rows: list[dict[str, Any]]) -> None:
    """silver.orders by delta-rs: no run of the retail pipeline is needed."""
    schema = pa.schema([(name, TYPES[kind]) for name, kind in load_schemas().contracts[ORDERS].stored])
    write_deltalake(
        names.table_uri(env, ORDERS),
        pa.Table.from_pylist(rows, schema),
        mode="append",
        partition_by=["order_date"],
        storage_options=storage_options(env),
        configuration={"delta.enableChangeDataFeed": "true"},
    )


def answer(env: Environment, table: str, sql: str) -> list[tuple[Any, ...]]:
    rows = DeltaTable(names.table_uri(env, table), storage_options=storage_options(env)).to_pyarrow_table()
    return duckdb.from_arrow(rows).query("t", sql).fetchall()


@pytest.fixture
def orders(local_env: Environment) -> Iterator[Environment]:
    """The world with a small silver.orders, which is gone afterwards."""
    bucket = clients(local_env).s3
    where = {"Bucket": names.bucket(local_env, names.Zone.SILVER), "Prefix": "orders/"}

    def drop() -> None:
        for item in bucket.list_objects_v2(**where).get("Contents", []):
            bucket.delete_object(Bucket=where["Bucket"], Key=item["Key"])

    drop()
    written(local_env, FIRST)
    yield local_env
    drop()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project in a folder of its own, so that its pipelines are not these."""
    root = copy_project(tmp_path_factory.mktemp("project") / "copy")
    (root / ".cache").symlink_to(project_root() / ".cache")
    return root


def lakehouse(project: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli", *words],
        cwd=project,
        env={**os.environ, "LAKEHOUSE_LOGS": str(project / "logs")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run(project: Path, name: str) -> dict[str, Any]:
    return {
        row["job"]: row
        for row in json.loads(
            lakehouse(project, "run", "--env", "local", "--pipeline", name, "--run-date", DAY, "--json")
        )
    }


def test_a_new_batch_pipeline_runs_and_goes_on_with_what_is_new(orders: Environment, project: Path) -> None:
    lakehouse(project, "pipeline", "new", "days", "--kind", "batch", "--reads", ORDERS)
    done = run(project, "days")
    assert {job: row["status"] for job, row in done.items()} == {
        "days_setup": "done",
        "days_build": "done",
    }
    everything = "SELECT currency, order_date::text, total_amount::text, row_count FROM t ORDER BY ALL"
    first = [("EUR", "2017-01-02", "7.00", 1), ("USD", "2017-01-01", "7.75", 3)]
    assert answer(orders, "gold.days", everything) == first
    written(orders, LATER)
    assert run(project, "days")["days_build"]["written"] == 1
    assert answer(orders, "gold.days", everything) == sorted([*first, ("GBP", "2017-01-03", "9.99", 1)])
