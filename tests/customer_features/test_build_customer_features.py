"""Customer features are point-in-time right, by DuckDB: no day after `as_of_date` changes one of them."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.job_types.gate import Gate
from glue_jobs.job_types.table_write import on_contract
from glue_jobs.state.watermark import Watermarks
from glue_jobs.user_code import function_of, load_module
from lakehouse.access import load_policy
from lakehouse.access.evaluate import table_view
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment
from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root
from tests.glue_jobs import delta_rs
from tests.glue_jobs.run_harness import run_context

AS_OF = date(2017, 6, 30)
CONTRACT = load_schemas().contracts["gold.customer_features"]
JOB = load_pipelines()["customer_features"].job("build_customer_features")
GUIDE = (project_root() / "docs/guides/feature-store.md").read_text(encoding="utf-8")
COLUMNS = (
    "customer_id bigint",
    "event_date date",
    "order_count bigint",
    "amount_usd decimal(18,4)",
    "coupon_redemptions bigint",
    "campaign_contacts bigint",
)
NAMES = [column.split()[0] for column in COLUMNS]
Day = tuple[Any, ...]

days = st.builds(
    lambda customer, ago, orders, cents, coupons, campaigns: (
        customer,
        AS_OF - timedelta(days=ago),
        orders,
        f"{cents if orders else 0}.{cents:04}",
        coupons,
        campaigns,
    ),
    st.integers(1, 5),
    # Both sides of each window's first day, and of the date itself.
    st.one_of(st.integers(-40, 200), st.sampled_from([-1, 0, 6, 7, 29, 30, 89, 90])),
    st.integers(0, 4),
    st.integers(0, 9_999),
    st.integers(0, 3),
    st.integers(0, 3),
)


def features(spark: SparkSession, activity: list[Day], as_of: date = AS_OF) -> list[tuple[Any, ...]]:
    """The table's rows as its contract stores them, in the order of their keys."""
    function = function_of(load_module(project_root(), JOB.procs[0].file), CONTRACT.table)
    text = ", ".join(f"{name} string" for name in NAMES)
    rows = spark.createDataFrame([tuple(str(v) for v in row) for row in activity], text)
    typed = rows.selectExpr(*(f"cast({c.split()[0]} AS {c.split()[1]}) {c.split()[0]}" for c in COLUMNS))
    frame = on_contract(function(silver_customer_activity=typed, run_date=as_of), CONTRACT)
    return sorted(tuple(row) for row in frame.select(*CONTRACT.column_names).collect())


def by_duckdb(activity: list[Day]) -> list[tuple[Any, ...]]:
    """The same features by the sentences of the contract, a window at a time."""
    con = duckdb.connect()
    con.execute(f"CREATE TABLE activity ({', '.join(COLUMNS)})")
    con.executemany("INSERT INTO activity VALUES (?, ?, ?, ?, ?, ?)", activity)
    sums = {"orders": NAMES[2], "amount_usd": NAMES[3], "coupons": NAMES[4], "campaigns": NAMES[5]}
    windows = ", ".join(
        f"coalesce((SELECT sum({column}) FROM activity w WHERE w.customer_id = a.customer_id AND "
        f"w.event_date BETWEEN DATE '{AS_OF - timedelta(days=n - 1)}' AND DATE '{AS_OF}'), 0) AS {name}_{n}d"
        for name, column in sums.items()
        for n in (7, 30, 90)
    )
    return con.execute(f"""
        SELECT customer_id, DATE '{AS_OF}', date_diff('day', max(event_date)
            FILTER (WHERE order_count > 0), DATE '{AS_OF}') AS recency_days, sum(order_count)::BIGINT,
          sum(amount_usd)::DECIMAL(18,4), CASE WHEN sum(order_count) > 0 THEN
            (round(sum(amount_usd) * 10000 / sum(order_count)) / 10000)::DECIMAL(18,4) END,
          date_diff('day', min(event_date), DATE '{AS_OF}'), {windows}
        FROM activity a WHERE event_date <= DATE '{AS_OF}' GROUP BY customer_id ORDER BY customer_id
        """).fetchall()


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(activity=st.lists(days, min_size=1, max_size=25, unique_by=lambda d: d[:2]), seed=st.integers())
def test_features_are_those_of_duckdb_and_no_later_day_changes_one(
    spark: SparkSession, activity: list[Day], seed: int
) -> None:
    rows = features(spark, activity)
    assert [tuple(map(_plain, row)) for row in rows] == [tuple(map(_plain, r)) for r in by_duckdb(activity)]
    rng = random.Random(seed)
    past, later = ([d for d in activity if (d[1] <= AS_OF) is until] for until in (True, False))
    changed = [(d[0], d[1] + timedelta(days=rng.randint(0, 9)), 9, "9.0000", 9, 9) for d in later]
    changed.append((6, AS_OF + timedelta(days=1), 1, "1.0000", 1, 1))
    shuffled = rng.sample(past + changed, len(past + changed))
    assert features(spark, shuffled) == rows


def _plain(value: Any) -> str:
    """A number by its value: DuckDB's sums are of another width."""
    return str(value) if value is None or isinstance(value, date) else f"{value:.4f}"


def test_gate_passes_the_features_of_the_day_and_stops_at_a_window_that_is_more_than_the_whole(
    spark: SparkSession, local_env: Environment
) -> None:
    activity = [(n, AS_OF - timedelta(days=n), 1, "25.5000", n, 0) for n in range(1, 6)]
    rows = features(spark, activity)
    records = [dict(zip(CONTRACT.column_names, row, strict=True)) for row in rows]
    delta_rs.append_records(local_env, CONTRACT, records, mode="overwrite")
    gate = load_pipelines()["customer_features"].job("dq_features_gate")
    run = run_context(local_env, gate, load_schemas(), spark, run_date=AS_OF)
    Gate().execute(run)
    assert run.counts[CONTRACT.table].rows_in == len(rows)
    assert Watermarks(local_env).read(f"{gate.name}.{CONTRACT.table}").position
    broken = {**records[0], "orders_90d": records[0]["frequency"] + 1}
    delta_rs.append_records(local_env, CONTRACT, [broken, *records[1:]], mode="overwrite")
    with pytest.raises(RunError, match=r"(?s)RUN301 .*frequency"):
        Gate().execute(run_context(local_env, gate, load_schemas(), spark, run_date=AS_OF))
    delta_rs.append_records(local_env, CONTRACT, records, mode="overwrite")
    late = run_context(local_env, gate, load_schemas(), spark, run_date=AS_OF + timedelta(days=2))
    with pytest.raises(RunError, match=r"(?s)RUN301 .*as_of_date"):
        Gate().execute(late)


def test_role_ml_reads_every_feature() -> None:
    view = table_view(load_policy(), "ml", CONTRACT)
    assert {(seen.column, seen.state) for seen in view.columns} >= {
        (name, "allowed") for name in CONTRACT.column_names
    }


def test_query_of_the_guide_gives_each_label_what_was_known_before_it() -> None:
    query = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)[0]
    con = duckdb.connect()
    con.execute("CREATE SCHEMA gold")
    labels = pd.DataFrame({"customer_id": [1, 2], "label_date": [date(2017, 3, 2), date(2017, 3, 2)]})
    stored = [
        {
            **dict.fromkeys(CONTRACT.column_names, 0),
            "customer_id": customer,
            "as_of_date": day,
            "frequency": n,
        }
        for customer, day, n in [
            (1, date(2017, 2, 28), 1),
            (1, date(2017, 3, 1), 2),
            (1, date(2017, 3, 2), 3),
            (2, date(2017, 3, 2), 9),
        ]
    ]
    con.register("stored", pd.DataFrame(stored))
    con.execute("CREATE TABLE gold.customer_features AS SELECT * FROM stored")
    con.register("labels", labels)
    rows = con.execute(query).df().set_index("customer_id")
    assert rows.loc[1, "frequency"] == 2
    assert pd.isna(rows.loc[2, "frequency"])
