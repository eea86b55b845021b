"""The newest row per key wins, independent of order, number and lateness of arrivals."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.tables import merge as merging
from glue_jobs.tables.target import append
from lakehouse.environments import Environment
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract, local_frame, target

THINGS = contract()
DDL = "id bigint, value string, changed_at timestamp"
START = datetime(2017, 1, 1, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def newest(spark: SparkSession, rows: list[tuple[Any, ...]]) -> list[tuple[int, str]]:
    """(id, value) of the newest row of each key."""
    return sorted((row.id, row.value) for row in newest_rows(spark, rows).collect())


def newest_rows(spark: SparkSession, rows: list[tuple[Any, ...]]) -> DataFrame:
    ranked = merging.rank_by_recency(local_frame(spark, DDL, *rows), THINGS, F.lit(False))
    return ranked.where("_rank = 1").drop("_rank")


def test_newest_by_sequence_wins(spark: SparkSession) -> None:
    assert newest(spark, [(1, "old", at(1)), (1, "new", at(2)), (2, "only", at(0))]) == [
        (1, "new"),
        (2, "only"),
    ]


def test_tie_is_broken_by_content_and_not_by_arrival(spark: SparkSession) -> None:
    rows = [(1, "a", at(1)), (1, "b", at(1)), (1, "c", at(1))]
    assert newest(spark, rows) == newest(spark, rows[::-1])


def test_value_moved_between_two_null_places_is_another_content(spark: SparkSession) -> None:
    nullable = {"type": ["string", "null"]}
    nested = {"type": ["array", "null"], "x-lake": {"type": "array<string>"}}
    moment = {"type": "string", "format": "date-time"}
    things = contract(
        properties={
            "id": {"type": "integer"},
            "a": nullable,
            "b": nullable,
            "c": nested,
            "changed_at": moment,
        }
    )
    ddl = "id bigint, a string, b string, c array<string>, changed_at timestamp"
    rows = [
        (1, "x", None, ["y", None], at(1)),
        (1, None, "x", ["y", None], at(1)),
        (2, "x", "x", [None, "y"], at(1)),
        (2, "x", "x", ["y", None], at(1)),
    ]

    def winners(arrivals: list[tuple[Any, ...]]) -> list[Any]:
        ranked = merging.rank_by_recency(local_frame(spark, ddl, *arrivals), things, F.lit(False))
        return [(r.a, r.b, r.c) for r in ranked.where("_rank = 1").orderBy("id").collect()]

    assert winners(rows) == winners(rows[::-1])
    first = local_frame(spark, ddl, *rows[:2])
    assert first.select(merging.content_hash(things.column_names).alias("h")).distinct().count() == 2


def test_an_invalid_row_never_hides_an_older_valid_one(spark: SparkSession) -> None:
    rows = local_frame(spark, DDL, (1, None, at(2)), (1, "sound", at(1)))
    ranked = merging.rank_by_recency(rows, THINGS, F.col("value").isNull())
    assert [r.value for r in ranked.where("_rank = 1").collect()] == ["sound"]


@pytest.mark.parametrize("seed", [2017, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(5))])
def test_any_split_of_any_order_of_arrivals_leaves_the_same_table(
    spark: SparkSession, local_env: Environment, seed: int
) -> None:
    chance = random.Random(seed)
    rows = [
        (key, chance.choice("abc"), at(chance.randrange(4)))
        for key in range(100)
        for _ in range(chance.randint(1, 6))
    ]
    chance.shuffle(rows)
    cut = len(rows) // 2
    first = target(spark, local_env, THINGS)
    append(first, newest_rows(spark, rows[:cut]))
    second = target(spark, local_env, THINGS, batch=2, uri=first.uri)
    merging.merge(second, newest_rows(second.spark, rows[cut:]), {})
    stored = sorted((key, value) for key, value in delta_rs.rows(local_env, first.uri, "id", "value"))
    assert [key for key, _ in stored] == list(range(100))
    assert stored == newest(spark, rows)
