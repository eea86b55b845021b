"""A dimension that was wrong from a moment on, rewound and run, equals one that was never wrong."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glue_jobs.tables import delta_log
from lakehouse.environments import Environment, names
from tests.glue_jobs.job_types.resumed_harness import killed_before_the_watermark_moves
from tests.glue_jobs.job_types.rewind_harness import Rewound, State, Version, at
from tests.glue_jobs.job_types.rewind_judge import judged

DAYS, KEYS, HOURS = 3, 30, 24
START = HOURS + 4


def batches_of(rng: random.Random) -> list[list[State]]:
    """Three days of states of 30 keys: some change, some repeat, some come late, twice or two at once."""
    batches: list[list[State]] = []
    hours = {key: rng.sample(range(DAYS * HOURS), rng.randrange(1, 7)) for key in range(KEYS)}
    for day in range(DAYS):
        batch = [
            (key, rng.choice("ab"), rng.choice(["x", "y", None]), rng.random() < 0.1, at(hour))
            for key, of_key in hours.items()
            for hour in of_key
            if hour // HOURS == day
        ]
        late = [state for state in batch if rng.random() < 0.1]
        before = [state for earlier in batches for state in earlier if rng.random() < 0.05]
        batches.append([state for state in batch if state not in late] + before)
        if day + 1 < DAYS:
            hours = {k: [*of_key] for k, of_key in hours.items()}
            batches[-1].sort(key=lambda state: rng.random())
        batches[-1] += late if rng.random() < 0.5 else []
    return batches


def wrong(rows: list[Version], rng: random.Random) -> list[Version]:
    """The rows as somebody might have spoiled them: nothing that began before START is changed or gone,
    but for the end of the last version.
    """
    spoiled: list[Version] = []
    for row in rows:
        last = row["valid_since"] < at(START) < row["valid_to"]
        if last and rng.random() < 0.4:
            row = {**row, "valid_to": at(START + rng.randrange(40)), "is_current": False}
        if row["valid_since"] < at(START):
            spoiled.append(row)
            continue
        match rng.randrange(7):
            case 0:
                continue
            case 1:
                spoiled.append({**row, "name": "wrong"})
            case 2:
                spoiled += [row, row]
            case 3:
                since = at(START + rng.randrange(60))
                spoiled.append({**row, "valid_since": since, "valid_from": since})
            case 4:
                spoiled += [row, {**row, "sk": rng.randrange(10**12), "city": "wrong", "valid_to": at(200)}]
            case 5:
                spoiled.append({**row, "sk": rng.randrange(10**12), "id": 900 + row["id"]})
            case _:
                spoiled.append(row)
    return spoiled


def sales_of(rng: random.Random) -> list[dict[str, Any]]:
    moments = [at(rng.randrange(DAYS * HOURS)) for _ in range(40)]
    return [
        {"sale_id": n, "id": rng.randrange(KEYS + 1), "sold_at": m, "sold_on": m.date()}
        for n, m in enumerate(moments)
    ]


def without_key(rows: list[Version]) -> list[tuple[Any, ...]]:
    names_of = ("id", "name", "city", "is_deleted", "valid_since", "valid_from", "valid_to", "is_current")
    return sorted((tuple(str(row[n]) for n in names_of) for row in rows), key=str)


def check(env: Environment, spark: SparkSession, rng: random.Random) -> int:
    """The number of versions that had ended before the rewind: it must not touch them."""
    world, batches, sales = Rewound(env, spark), batches_of(rng), sales_of(rng)
    world.put("silver", sales, table=f"{world.name}_sales")
    for batch in batches[:-1]:
        if batch:
            world.arrive(batch)
            world.run()
    right = world.versions()
    member = [row for row in world.rows(f"gold.{world.name}") if row["id"] == -1]
    world.put("gold", member + wrong(right, rng), mode="overwrite")
    world.gold_run()
    request = world.request(at(START))
    world.history(request)
    with killed_before_the_watermark_moves():
        world.rewind_gold(request)
    world.rewind_gold(request)
    assert sorted(world.versions(), key=str) == sorted(right, key=str)
    if batches[-1]:
        world.arrive(batches[-1])
    world.run()
    expected = judged(batches)
    assert without_key(world.versions()) == without_key(expected)
    keys = {(row["id"], str(row["valid_since"])): row["sk"] for row in world.versions()}
    assert world.facts() == [(sale["sale_id"], judged_key(sale, expected, keys)) for sale in sales]
    return sum(row["valid_to"] <= at(START) for row in right)


def judged_key(sale: dict[str, Any], versions: list[Version], keys: dict[tuple[int, str], int]) -> int | None:
    for row in versions:
        if row["id"] == sale["id"] and row["valid_from"] <= sale["sold_at"] < row["valid_to"]:
            return keys[row["id"], str(row["valid_since"])]
    return None


_SETTINGS: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.generate],
}


def test_wrong_states_rewound_and_run_equal_never_having_been_wrong(
    local_env: Environment, spark: SparkSession
) -> None:
    assert check(local_env, spark, random.Random(7)) > 0


@pytest.mark.slow
@settings(max_examples=15, **_SETTINGS)
@given(seed=st.integers(0, 2**64))
def test_any_wrong_states_rewound_and_run_equal_never_having_been_wrong(
    local_env: Environment, spark: SparkSession, seed: int
) -> None:
    check(local_env, spark, random.Random(seed))


@pytest.mark.slow
def test_a_rewind_killed_at_its_commit_and_started_again_writes_once(
    local_env: Environment, spark: SparkSession
) -> None:
    world = Rewound(local_env, spark)
    world.put("silver", sales_of(random.Random(1)), table=f"{world.name}_sales")
    world.arrive([(1, "a", "x", False, at(1)), (2, "b", "y", False, at(2))])
    world.run()
    world.arrive([(1, "b", "x", False, at(60))])
    world.run()
    right, uri = world.versions(), names.table_uri(local_env, f"gold.{world.name}")
    spoiled = [{**row, "name": "wrong"} if row["valid_since"] == at(60) else row for row in right]
    world.put("gold", spoiled, mode="overwrite")
    request = world.request(at(START))
    world.history(request)
    with killed_before_the_watermark_moves():
        world.rewind_gold(request)
    written = delta_log.version(spark, uri)
    world.rewind_gold(request)
    world.rewind(at(START))
    assert sorted(world.versions(), key=str) == sorted(right, key=str)
    assert delta_log.version(spark, uri) == written
