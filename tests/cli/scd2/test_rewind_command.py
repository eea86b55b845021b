"""`lakehouse scd2 rewind`: the plan that a person sees, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from cli.scd2.rewind import RewindPlan, version_before
from cli.tables.storage import storage_options
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit
from glue_jobs.state.run_row import RunRow
from lakehouse.environments import Environment, names
from tests.cli.calls import Call
from tests.cli.tables.delta_world import forget

TABLE = "gold.dim_customer"


@pytest.fixture
def world(local_env: Environment) -> Iterator[Environment]:
    """Three versions in two files; the file of the first has none that began in February."""
    forget(local_env, TABLE)
    for days in ([1], [2, 32]):
        began = [datetime.fromordinal(date(2017, 1, 1).toordinal() + day - 1) for day in days]
        rows = pa.table({"customer_sk": days, "valid_since": pa.array(began, pa.timestamp("us", "UTC"))})
        uri = names.table_uri(local_env, TABLE)
        write_deltalake(uri, rows, mode="append", storage_options=storage_options(local_env))
    yield local_env
    forget(local_env, TABLE)


def test_the_plan_says_what_changes_by_which_jobs_and_what_follows(
    world: Environment, lakehouse: Call
) -> None:
    answer = lakehouse("scd2", "rewind", TABLE, "--env", "local", "--from", "2017-02-01", "--dry-run")
    assert answer.code == 0, answer.err
    for text in (
        "gold.dim_customer, at version 1",
        "2017-02-01T00:00:00+00:00 of source time",
        "out of all rows of: bronze.snowflake_customers",
        "bronze_to_silver (silver.customers), then silver_to_gold (gold.dim_customer)",
        "versions that may change: up to 2,",
        "gold.fact_sales",
        "dq_gold_gate",
        "nothing was done",
    ):
        assert text in answer.out
    later = RewindPlan.of(world, TABLE, datetime(2017, 3, 1, tzinfo=UTC))
    assert later.versions == 0


def test_another_table_is_refused_with_the_nearest(lakehouse: Call) -> None:
    answer = lakehouse("scd2", "rewind", "gold.dim_custmer", "--env", "local", "--from", "2017-02-01")
    assert answer.code == 2
    assert "gold.dim_customer" in answer.err


def test_what_was_not_rewound_is_not_undone(world: Environment) -> None:
    Audit(world).start(
        RunRow("r-1", "watermark_reset", "operations", date(2017, 1, 1), action={"table": TABLE})
    )
    with pytest.raises(RunError, match="RUN601"):
        version_before(world, TABLE, "r-1")
