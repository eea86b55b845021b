"""A target is written once per transaction, under its guard, whole or by days."""

from __future__ import annotations

from dataclasses import replace as replace_fields
from datetime import UTC, datetime, timedelta

import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from cli.tables.storage import storage_options
from glue_jobs.session import tuned_session
from glue_jobs.tables.commits import ChangedDays, changed_days
from glue_jobs.tables.target import append, in_few_files, one_task_per_partition, replace, replace_days
from lakehouse.environments import Environment
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract, local_frame, target

THINGS = contract()
DDL = "id bigint, value string, changed_at timestamp"
DAILY = contract(
    "silver.daily",
    {
        "id": {"type": "integer"},
        "day": {"type": "string", "format": "date"},
        "changed_at": {"type": "string", "format": "date-time"},
    },
    write="recompute",
    recompute_by="day",
    partition_by=["day"],
)
DAILY_DDL = "id bigint, day date, changed_at timestamp"
START = datetime(2017, 1, 1, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def test_transaction_done_twice_is_written_once(spark: SparkSession, local_env: Environment) -> None:
    rows = local_frame(spark, DDL, (1, "a", at(1)))
    first = target(spark, local_env, THINGS)
    append(first, rows)
    assert first.committed
    again = target(spark, local_env, THINGS, batch=1, uri=first.uri)
    append(again, rows)
    assert delta_rs.table(local_env, first.uri).count() == 1
    assert first.commit().rows("numOutputRows") == 1


def test_ancient_times_are_stored_as_they_are(spark: SparkSession, local_env: Environment) -> None:
    """Read back by delta-rs, which knows nothing of Spark's calendars."""
    days = ["0001-01-01", "1582-10-04", "1582-10-15", "1899-12-30", "9999-12-31"]
    rows = spark.createDataFrame([(i, d) for i, d in enumerate(days)], "id bigint, d string").selectExpr(
        "id", "date(d) AS day", "timestamp(concat(d, 'T00:00:00Z')) AS changed_at"
    )
    ancient = target(spark, local_env, DAILY)
    append(ancient, rows)
    stored = DeltaTable(ancient.uri, storage_options=storage_options(local_env)).to_pyarrow_table()
    assert sorted(str(day) for day in stored["day"].to_pylist()) == days
    assert sorted(pc.strftime(stored["changed_at"], "%Y-%m-%d").to_pylist()) == days


def test_guard_runs_before_anything_is_written(spark: SparkSession, local_env: Environment) -> None:
    def refuse() -> None:
        raise RuntimeError("lease lost")

    lost = replace_fields(target(spark, local_env, THINGS), guard=refuse)
    with pytest.raises(RuntimeError, match="lease lost"):
        append(lost, local_frame(spark, DDL, (1, "a", at(1))))
    assert lost.version == -1


def test_a_write_knows_that_it_creates_the_table_also_when_it_is_repeated(
    spark: SparkSession, local_env: Environment
) -> None:
    first = target(spark, local_env, THINGS)
    assert first.first
    append(first, local_frame(spark, DDL, (1, "a", at(1))))
    assert first.first
    assert not target(spark, local_env, THINGS, batch=2, uri=first.uri).first


def test_replacing_leaves_only_the_new_rows(spark: SparkSession, local_env: Environment) -> None:
    first = target(spark, local_env, THINGS)
    append(first, local_frame(spark, DDL, (1, "a", at(1)), (2, "b", at(1))))
    again = target(spark, local_env, THINGS, batch=2, uri=first.uri)
    replace(again, local_frame(spark, DDL, (3, "c", at(2))))
    assert delta_rs.rows(local_env, first.uri, "id") == [(3,)]


def test_days_are_replaced_and_others_stay(spark: SparkSession, local_env: Environment) -> None:
    one, two = at(0).date(), at(0).date() + timedelta(days=1)
    first = target(spark, local_env, DAILY)
    append(first, local_frame(spark, DAILY_DDL, (1, one, at(0)), (2, two, at(0))))
    again = target(spark, local_env, DAILY, batch=2, uri=first.uri)
    replace_days(again, local_frame(spark, DAILY_DDL, (3, two, at(0))), "day", [two])
    assert delta_rs.rows(local_env, first.uri, "id") == [(1,), (3,)]


def test_rows_of_one_partition_value_lie_in_one_task(spark: SparkSession) -> None:
    day = at(0).date()
    rows = local_frame(spark, DAILY_DDL, *[(n, day, at(0)) for n in range(8)]).repartition(4)
    tasks = one_task_per_partition(rows, DAILY).select(F.spark_partition_id()).distinct()
    assert tasks.count() == 1
    assert one_task_per_partition(rows, THINGS) is rows


def test_only_a_large_result_is_written_by_several_tasks(spark: SparkSession) -> None:
    session = tuned_session(spark, {"partition_size_mb": 1})
    session.conf.set("spark.sql.adaptive.coalescePartitions.minPartitionSize", "1MB")
    day = at(0).date()
    small = local_frame(session, DAILY_DDL, *[(n, day, at(0)) for n in range(8)]).repartition(4)
    assert in_few_files(small).select(F.spark_partition_id()).distinct().count() == 1
    large = in_few_files(session.range(200_000).selectExpr("id", "sha2(string(id), 512) text"))
    assert len(large.groupBy(F.spark_partition_id()).agg(F.max("text")).collect()) > 1


def test_log_says_which_days_changed_and_by_how_many_rows(
    spark: SparkSession, local_env: Environment
) -> None:
    days = {"day": {"type": ["string", "null"], "format": "date"}}
    lake = {"write": "recompute", "recompute_by": "day", "partition_by": ["day"], "sequence": None}
    daily = contract("silver.daily", {"id": {"type": "integer"}, **days}, **lake)
    ddl = "id bigint, day date"
    monday, tuesday = START.date(), START.date() + timedelta(days=1)
    first = target(spark, local_env, daily)
    append(first, local_frame(spark, ddl, (1, monday), (2, monday)))
    second = target(spark, local_env, daily, batch=2, uri=first.uri)
    rows = local_frame(spark, ddl, (1, monday), (3, tuesday))
    replace_days(second, rows, "day", [monday, tuesday])
    assert changed_days(spark, first.uri, "day", 0, 1) == ChangedDays([monday, tuesday], 0)
    spark.sql(f"DELETE FROM delta.`{first.uri}` WHERE id = 3")
    # The log does not say how many rows a deletion took, so the gate reads the rows from before it.
    assert changed_days(spark, first.uri, "day", 1, 2) == ChangedDays([tuesday], None)
    third = target(spark, local_env, daily, batch=3, uri=first.uri)
    replace_days(third, local_frame(spark, ddl, (4, None)), "day", [None])
    assert changed_days(spark, first.uri, "day", 2, 3) is None
