"""Newest row per key and versions of a key, whatever the order, number or lateness of what arrives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows
from glue_jobs.tables import merge as merging
from glue_jobs.tables import scd2
from glue_jobs.tables.target import append, replace_days
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract, frame, target

THINGS = contract()
DDL = "id bigint, value string, changed_at timestamp"
START = datetime(2017, 1, 1, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def newest(spark: SparkSession, rows: list[tuple[Any, ...]]) -> list[tuple[int, str]]:
    found = ValidatedRows(
        merging.rank_by_recency(frame(spark, DDL, *rows), THINGS, F.lit(False)), F.lit(False), F.array()
    ).rows
    return sorted((r.id, r.value) for r in found.where("_rank = 1").collect())


def test_newest_by_sequence_wins(spark: SparkSession) -> None:
    assert newest(spark, [(1, "old", at(1)), (1, "new", at(2)), (2, "only", at(0))]) == [
        (1, "new"),
        (2, "only"),
    ]


def test_tie_is_broken_by_content_and_not_by_arrival(spark: SparkSession) -> None:
    rows = [(1, "a", at(1)), (1, "b", at(1)), (1, "c", at(1))]
    assert newest(spark, rows) == newest(spark, rows[::-1])


def test_broken_row_never_hides_an_older_sound_one(spark: SparkSession) -> None:
    rows = frame(spark, DDL, (1, None, at(2)), (1, "sound", at(1)))
    ranked = merging.rank_by_recency(rows, THINGS, F.col("value").isNull())
    assert [r.value for r in ranked.where("_rank = 1").collect()] == ["sound"]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_split_of_any_order_of_arrivals_leaves_the_same_table(
    spark: SparkSession, local_env: Environment, data: st.DataObject
) -> None:
    rows = data.draw(
        st.lists(
            st.tuples(st.integers(1, 3), st.sampled_from("abc"), st.integers(0, 3).map(at)),
            min_size=2,
            max_size=8,
        )
    )
    cut = data.draw(st.integers(1, len(rows) - 1))
    first = target(spark, local_env, THINGS)
    append(first, _ranked_first(spark, rows[:cut]))
    second = target(spark, local_env, THINGS, batch=2, uri=first.uri)
    merging.merge(second, _ranked_first(second.spark, rows[cut:]), {})
    stored = sorted((r.id, r.value) for r in spark.read.format("delta").load(first.uri).collect())
    assert stored == newest(spark, rows)


def _ranked_first(spark: SparkSession, rows: list[tuple[Any, ...]]) -> Any:
    return (
        merging.rank_by_recency(frame(spark, DDL, *rows), THINGS, F.lit(False))
        .where("_rank = 1")
        .drop("_rank")
    )


def test_transaction_done_twice_is_written_once(spark: SparkSession, local_env: Environment) -> None:
    rows = frame(spark, DDL, (1, "a", at(1)))
    first = target(spark, local_env, THINGS)
    append(first, rows)
    assert first.committed
    again = target(spark, local_env, THINGS, batch=1, uri=first.uri)
    append(again, rows)
    assert spark.read.format("delta").load(first.uri).count() == 1


def test_guard_is_asked_before_anything_is_written(spark: SparkSession, local_env: Environment) -> None:
    from dataclasses import replace

    def refuse() -> None:
        raise RuntimeError("lease lost")

    lost = replace(target(spark, local_env, THINGS), guard=refuse)
    with pytest.raises(RuntimeError, match="lease lost"):
        append(lost, frame(spark, DDL, (1, "a", at(1))))
    assert lost.version == -1


def test_days_are_replaced_and_others_stay(spark: SparkSession, local_env: Environment) -> None:
    daily = contract(
        "silver.daily",
        {"id": {"type": "integer"}, "day": {"type": "string", "format": "date"}, "changed_at": {"type": "string", "format": "date-time"}},
        write="recompute", recompute_by="day", partition_by=["day"],
    )  # fmt: skip
    ddl = "id bigint, day date, changed_at timestamp"
    one, two = at(0).date(), at(0).date() + timedelta(days=1)
    first = target(spark, local_env, daily)
    append(first, frame(spark, ddl, (1, one, at(0)), (2, two, at(0))))
    again = target(spark, local_env, daily, batch=2, uri=first.uri)
    replace_days(again, frame(spark, ddl, (3, two, at(0))), "day", [two])
    assert sorted(r.id for r in spark.read.format("delta").load(first.uri).collect()) == [1, 3]


DIM = contract(
    "gold.dim",
    {
        "sk": {"type": "integer"}, "id": {"type": "integer"}, "city": {"type": ["string", "null"]},
        "valid_since": {"type": "string", "format": "date-time"}, "valid_from": {"type": "string", "format": "date-time"},
        "valid_to": {"type": "string", "format": "date-time"}, "is_current": {"type": "boolean"},
    },
    write="scd2", primary_key=["sk"], business_key=["id"], sequence="valid_since", tracked=["city"],
)  # fmt: skip
STATE = "id bigint, valid_since timestamp, city string"


def built(spark: SparkSession, known: Any, rows: list[tuple[Any, ...]]) -> Any:
    wanted = scd2.with_surrogate_key(scd2.versions(known, frame(spark, STATE, *rows), DIM, "id"), "sk", "id")
    return wanted.select(*DIM.column_names)


def test_intervals_touch_and_only_the_last_is_current(spark: SparkSession) -> None:
    rows = (
        built(spark, frame(spark, STATE), [(1, at(1), "Bern"), (1, at(5), "Rome"), (1, at(3), "Bern")])
        .orderBy("valid_since")
        .collect()
    )
    assert [(r.city, r.is_current) for r in rows] == [("Bern", False), ("Rome", True)]
    assert rows[0].valid_to == rows[1].valid_from
    assert rows[0].valid_from.year == 1900


def arrive(spark: SparkSession, world: Environment, *batches: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """The stored versions after batch upon batch, as (sk, city, valid_from, valid_to, is_current)."""
    table = target(spark, world, DIM)
    append(table, built(spark, frame(spark, STATE), batches[0]))
    for number, rows in enumerate(batches[1:], 2):
        following = target(spark, world, DIM, batch=number, uri=table.uri)
        affected = (
            following.spark.read.format("delta").load(table.uri).where(F.col("id").isin([r[0] for r in rows]))
        )
        states = affected.select("id", "valid_since", "city", "valid_from", "valid_to")
        lacking = scd2.differences(states, frame(following.spark, STATE, *rows), DIM, "id")
        scd2.apply(following, scd2.with_surrogate_key(lacking, "sk", "id"))
    return facts(spark.read.format("delta").load(table.uri))


def facts(versions: DataFrame) -> list[tuple[str, ...]]:
    return sorted(
        tuple(str(r[f]) for f in ("sk", "city", "valid_from", "valid_to", "is_current"))
        for r in versions.collect()
    )


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_versions_do_not_depend_on_how_states_come_in_batches(
    spark: SparkSession, local_env: Environment, data: st.DataObject
) -> None:
    """Silver hands on each key's states in the order of their sequence; within a batch they come in any order, and doubled."""
    state = st.tuples(st.integers(1, 2), st.integers(0, 6), st.sampled_from(["Bern", "Rome", None]))
    rows = data.draw(
        st.lists(state, min_size=2, max_size=8).filter(
            lambda drawn: len({minute for _, minute, _ in drawn}) > 1
        )
    )
    cut = data.draw(st.sampled_from(sorted({minute for _, minute, _ in rows})[1:]))
    before = [(key, at(minute), city) for key, minute, city in rows if minute < cut]
    after = [(key, at(minute), city) for key, minute, city in rows if minute >= cut]
    assert arrive(spark, local_env, before, after) == facts(built(spark, frame(spark, STATE), before + after))


def test_state_that_comes_late_splits_an_interval(spark: SparkSession, local_env: Environment) -> None:
    rows = [(1, at(0), "Bern"), (1, at(6), "Oslo"), (1, at(3), "Rome")]
    assert arrive(spark, local_env, rows[:2], rows[2:]) == facts(built(spark, frame(spark, STATE), rows))


@pytest.mark.parametrize("cities", [("Bern", None), (None, "Bern"), ("Rome", "Bern"), ("Bern", "Rome")])
def test_other_state_of_the_same_instant_wins_by_content_and_not_by_arrival(
    spark: SparkSession, local_env: Environment, cities: tuple[str | None, str | None]
) -> None:
    rows = [(1, at(0), cities[0]), (1, at(0), cities[1])]
    assert arrive(spark, local_env, rows[:1], rows[1:]) == facts(built(spark, frame(spark, STATE), rows))
