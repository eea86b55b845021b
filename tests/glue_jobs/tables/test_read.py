"""A table is read at a version, or as the changes between two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.tables import read
from glue_jobs.tables.commits import commit_of
from glue_jobs.tables.delta_log import Txn, committed, version
from glue_jobs.tables.merge import merge
from glue_jobs.tables.target import append
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract, local_frame, target

THINGS = contract(
    "silver.things",
    {
        "id": {"type": "integer"},
        "value": {"type": ["string", "null"]},
        "is_deleted": {"type": ["boolean", "null"]},
        "changed_at": {"type": "string", "format": "date-time"},
    },
    delete_flag="is_deleted",
)
DDL = "id bigint, value string, is_deleted boolean, changed_at timestamp"
NOON = datetime(2017, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


@pytest.fixture(scope="module")
def uri(spark: SparkSession, local_env: Environment) -> str:
    """Version 0: two rows; version 1: one of them changed, one new and deleted."""
    first = target(spark, local_env, THINGS)
    append(first, local_frame(spark, DDL, (1, "a", False, NOON), (2, "b", None, NOON)))
    second = target(spark, local_env, THINGS, batch=2, uri=first.uri)
    merge(second, local_frame(second.spark, DDL, (1, "A", False, LATER), (3, "c", True, LATER)), {})
    return first.uri


def test_a_version_stays_readable_after_later_ones(spark: SparkSession, uri: str) -> None:
    assert sorted(row.value for row in read.pinned(spark, uri, "silver.things", 0).collect()) == ["a", "b"]
    assert sorted(row.value for row in read.newest(spark, uri, "silver.things").collect()) == ["A", "b", "c"]


def test_a_table_that_does_not_exist_is_an_error_that_names_it(spark: SparkSession, uri: str) -> None:
    with pytest.raises(RunError, match=r"RUN201 table silver\.none does not exist"):
        read.newest(spark, f"{uri}-none", "silver.none")


def test_new_rows_are_those_that_were_inserted_or_updated(spark: SparkSession, uri: str) -> None:
    assert sorted(row.value for row in read.new_rows(spark, uri, 0, 1).collect()) == ["A", "c"]
    kinds = {row._change_type for row in read.changes(spark, uri, 0, 1).collect()}
    assert kinds == {"insert", "update_preimage", "update_postimage"}


def test_a_key_that_changed_in_several_versions_comes_once_as_it_is_now(
    spark: SparkSession, local_env: Environment
) -> None:
    first = target(spark, local_env, THINGS)
    append(
        first, local_frame(spark, DDL, (1, "a", False, NOON), (2, "b", False, NOON), (3, "c", False, NOON))
    )
    for batch, (value, day) in enumerate([("A", 1), ("AA", 2)], 2):
        then = target(spark, local_env, THINGS, batch=batch, uri=first.uri)
        rows = [(1, value, False, NOON + timedelta(days=day)), (4, value, False, NOON + timedelta(days=day))]
        merge(then, local_frame(then.spark, DDL, *rows), {})
    spark.sql(f"DELETE FROM delta.`{first.uri}` WHERE id IN (3, 4)")
    rows = read.net_rows(spark, first.uri, ("id",), 0, 3)
    net = sorted((row.id, row.value, row._deleted) for row in rows.collect())
    assert net == [(1, "AA", False), (3, "c", True), (4, "AA", True)]
    assert rows.columns == [*THINGS.column_names, "_deleted"]


def test_changed_days_are_those_before_and_after_a_change(spark: SparkSession, uri: str) -> None:
    days = read.changed_days(spark, uri, "changed_at", 0, 1)
    assert [day.replace(tzinfo=None) for day in days] == [
        NOON.replace(tzinfo=None),
        LATER.replace(tzinfo=None),
    ]  # type: ignore[call-arg]


def test_rows_without_a_day_are_a_changed_day_of_their_own(
    spark: SparkSession, local_env: Environment
) -> None:
    first = target(spark, local_env, THINGS)
    append(first, local_frame(spark, DDL, (1, "a", False, NOON)))
    second = target(spark, local_env, THINGS, batch=2, uri=first.uri)
    append(second, local_frame(second.spark, DDL, (2, "b", False, None), (3, "c", False, NOON)))
    days = read.changed_days(spark, first.uri, "changed_at", 0, 1)
    assert [day is None for day in days] == [False, True]


def test_deleted_rows_are_left_out_where_the_contract_has_a_flag(spark: SparkSession, uri: str) -> None:
    rows = read.newest(spark, uri, "silver.things")
    assert sorted(row.id for row in read.without_deleted(rows, THINGS).collect()) == [1, 2]
    assert read.without_deleted(rows, contract()) is rows


def test_the_log_knows_versions_transactions_and_the_commit_of_a_batch(
    spark: SparkSession, local_env: Environment
) -> None:
    first = target(spark, local_env, THINGS)
    assert (version(spark, first.uri), committed(spark, first.uri, first.txn)) == (-1, False)
    append(first, local_frame(spark, DDL, (1, "a", False, NOON)))
    assert version(spark, first.uri) == 0
    assert committed(spark, first.uri, first.txn)
    assert committed(spark, first.uri, Txn(first.txn.app, 0, "earlier"))
    assert not committed(spark, first.uri, Txn(first.txn.app, 2, "later"))
    assert not committed(spark, first.uri, Txn("another", 1, "other"))
    commit = commit_of(spark, first.uri, first.txn)
    assert commit
    assert (commit.version, commit.merged, commit.rows("numOutputRows")) == (0, False, 1)
    assert commit_of(spark, first.uri, Txn("test", 1, "unknown")) is None
