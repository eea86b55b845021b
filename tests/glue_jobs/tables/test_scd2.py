"""Versions of a key have intervals that touch, independent of how their states arrive."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.errors import RunError
from glue_jobs.tables import scd2
from glue_jobs.tables.merge import content_hash
from glue_jobs.tables.target import append
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract, local_frame, target

DIM = contract(
    "gold.dim",
    {
        "sk": {"type": "integer"},
        "id": {"type": "integer"},
        "city": {"type": ["string", "null"]},
        "valid_since": {"type": "string", "format": "date-time"},
        "valid_from": {"type": "string", "format": "date-time"},
        "valid_to": {"type": "string", "format": "date-time"},
        "is_current": {"type": "boolean"},
    },
    write="scd2",
    primary_key=["sk"],
    business_key=["id"],
    sequence="valid_since",
    tracked=["city"],
)
STATE = "id bigint, valid_since timestamp, city string"
START = datetime(2017, 1, 1, tzinfo=UTC)
State = tuple[int, datetime, str | None]


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def built(spark: SparkSession, stored: Any, rows: list[tuple[Any, ...]]) -> Any:
    expected = scd2.with_surrogate_key(
        scd2.versions(stored, local_frame(spark, STATE, *rows), DIM, ["id"]), "sk", ["id"]
    )
    return expected.select(*DIM.column_names)


def test_intervals_touch_and_only_the_last_is_current(spark: SparkSession) -> None:
    rows = (
        built(spark, local_frame(spark, STATE), [(1, at(1), "Bern"), (1, at(5), "Rome"), (1, at(3), "Bern")])
        .orderBy("valid_since")
        .collect()
    )
    assert [(r.city, r.is_current) for r in rows] == [("Bern", False), ("Rome", True)]
    assert rows[0].valid_to == rows[1].valid_from
    assert rows[0].valid_from.year == 1900


def arrive(spark: SparkSession, world: Environment, *batches: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """The stored versions after batch upon batch, as (sk, city, valid_from, valid_to, is_current)."""
    table = target(spark, world, DIM)
    append(table, built(spark, local_frame(spark, STATE), batches[0]))
    for number, rows in enumerate(batches[1:], 2):
        following = target(spark, world, DIM, batch=number, uri=table.uri)
        affected = (
            following.spark.read.format("delta").load(table.uri).where(F.col("id").isin([r[0] for r in rows]))
        )
        states = affected.select("id", "valid_since", "city", "valid_from", "valid_to")
        changes = scd2.differences(states, local_frame(following.spark, STATE, *rows), DIM, ["id"])
        scd2.apply(following, scd2.with_surrogate_key(changes, "sk", ["id"]))
    return facts(spark.read.format("delta").load(table.uri))


def facts(versions: DataFrame) -> list[tuple[str, ...]]:
    return sorted(
        tuple(str(r[f]) for f in ("sk", "city", "valid_from", "valid_to", "is_current"))
        for r in versions.collect()
    )


def cut_history(chance: random.Random, key: int) -> tuple[list[State], list[State]]:
    """Some states of a key before a minute, and those from it on; each part is in any order, some are twice.

    Silver passes each key's states on in the order of their sequence.
    """
    minutes = [*chance.sample(range(7), 2), *(chance.randrange(7) for _ in range(chance.randrange(7)))]
    rows = [(key, at(minute), chance.choice(["Bern", "Rome", None])) for minute in minutes]
    rows += chance.sample(rows, chance.randrange(2))
    chance.shuffle(rows)
    cut = at(chance.choice(sorted(set(minutes))[1:]))
    return [row for row in rows if row[1] < cut], [row for row in rows if row[1] >= cut]


@pytest.mark.parametrize("seed", [2017, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(5))])
def test_versions_do_not_depend_on_how_states_come_in_batches(
    spark: SparkSession, local_env: Environment, seed: int
) -> None:
    chance = random.Random(seed)
    histories = [cut_history(chance, key) for key in range(100)]
    before, after = ([row for history in histories for row in history[part]] for part in (0, 1))
    assert arrive(spark, local_env, before, after) == facts(
        built(spark, local_frame(spark, STATE), before + after)
    )


def test_state_that_comes_late_splits_an_interval(spark: SparkSession, local_env: Environment) -> None:
    rows = [(1, at(0), "Bern"), (1, at(6), "Oslo"), (1, at(3), "Rome")]
    assert arrive(spark, local_env, rows[:2], rows[2:]) == facts(
        built(spark, local_frame(spark, STATE), rows)
    )


@pytest.mark.parametrize(
    "cities",
    [
        ("Bern", None),
        pytest.param((None, "Bern"), marks=pytest.mark.slow),
        ("Rome", "Bern"),
        pytest.param(("Bern", "Rome"), marks=pytest.mark.slow),
    ],
)
def test_other_state_of_the_same_instant_wins_by_content_and_not_by_arrival(
    spark: SparkSession, local_env: Environment, cities: tuple[str | None, str | None]
) -> None:
    rows = [(1, at(0), cities[0]), (1, at(0), cities[1])]
    assert arrive(spark, local_env, rows[:1], rows[1:]) == facts(
        built(spark, local_frame(spark, STATE), rows)
    )


def test_content_of_an_instant_counts_its_nulls(spark: SparkSession) -> None:
    rows = local_frame(spark, "a string, b string", ("x", None), (None, "x"))
    assert rows.select(content_hash(["a", "b"])).distinct().count() == 2


def test_version_with_the_key_of_another_customer_stops_and_overwrites_nothing(
    spark: SparkSession, local_env: Environment
) -> None:
    table = target(spark, local_env, DIM)
    append(table, built(spark, local_frame(spark, STATE), [(1, at(0), "Bern")]))
    before = facts(spark.read.format("delta").load(table.uri))
    following = target(spark, local_env, DIM, batch=2, uri=table.uri)
    changes = scd2.differences(
        local_frame(spark, f"{STATE}, valid_from timestamp, valid_to timestamp"),
        local_frame(following.spark, STATE, (2, at(0), "Rome")),
        DIM,
        ["id"],
    )
    with pytest.raises(RunError, match=r"RUN150 gold\.dim: a new version has the key of a stored one"):
        scd2.apply(following, changes.withColumn("sk", F.lit(int(before[0][0]))))
    assert facts(spark.read.format("delta").load(table.uri)) == before


def test_state_with_the_key_of_the_unknown_member_is_an_error(spark: SparkSession) -> None:
    states = local_frame(spark, STATE, (1, at(0), "Bern"), (2, at(1), "Rome"))
    key = scd2.with_surrogate_key(states, "sk", ["id"]).collect()[0].sk
    with_member = replace(DIM, lake=DIM.lake.model_copy(update={"unknown_member": {"sk": key, "id": -1}}))
    scd2.check_surrogate_keys(states, DIM, ["id"])
    with pytest.raises(RunError, match=f"RUN150 gold.dim: the key {key} belongs to two versions"):
        scd2.check_surrogate_keys(states, with_member, ["id"])
