"""The first region is lost in the middle of a day: what arrived is cut, restored and run; nothing differs."""

from __future__ import annotations

import json
import random

import pytest
from pyspark.sql import SparkSession

from cli.recovery.drill import Drill, DrillResult, objects_of
from cli.recovery.drill_world import drill_environment, landing_prefixes
from cli.recovery.region import Region
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment
from lakehouse.pipelines.model import Job
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row
from tests.glue_jobs.run_harness import job


class Day:
    """A pipeline of bronze and silver after one day, and the next day whose objects are on their way."""

    def __init__(self, env: Environment, spark: SparkSession) -> None:
        self.harness = IngestHarness(env, spark)
        self.contracts = {c.table: c for c in (self.harness.bronze, self.harness.silver)}
        self.deliver(random.Random(0), 0)
        self.run(env)
        self.before = objects_of(env, self.contracts)
        self.state = [m for m in Watermarks(env).list() if self.harness.name in m.key]
        for number in (1, 2):
            self.deliver(random.Random(number), number)
            self.run(env)

    def deliver(self, rng: random.Random, number: int) -> None:
        rows = [row(rng.randrange(1, 30), f"v{number}", minute=number) for _ in range(12)]
        self.harness.drop(*rows, file=f"part-{number}.jsonl")

    def run(self, env: Environment) -> None:
        self.harness.ingest(env)
        self.harness.build(env)

    def drill(self, seed: int) -> DrillResult:
        env, jobs = self.harness.env, [self.job()]
        with drill_environment(env, seed, landing_prefixes(self.contracts.values(), jobs)) as drilled:
            drill = Drill(env, drilled, self.contracts, self.before, self.state, self.run)
            result = drill.execute(seed)
            assert Region.first(drilled).open(self.harness.silver.table).version() >= 0
            return result

    def job(self) -> Job:
        return job(writes=tuple(self.contracts))


@pytest.fixture
def day(local_env: Environment, spark: SparkSession) -> Day:
    return Day(local_env, spark)


def check(results: list[DrillResult]) -> None:
    assert [r.differences for r in results] == [{}] * len(results)
    assert all(r.rows > 0 and r.rto_seconds > 0 and r.rpo_seconds >= 0 for r in results)


def test_a_region_lost_in_the_middle_of_a_day_loses_nothing(day: Day) -> None:
    results = [day.drill(seed) for seed in (1, 2, 3)]
    check(results)
    assert len({r.arrived for r in results}) > 1


@pytest.mark.slow
def test_fifty_losses_of_a_region_lose_nothing(day: Day) -> None:
    results = [day.drill(seed) for seed in range(50)]
    check(results)
    worst = {"rpo_seconds": max(r.rpo_seconds for r in results), "rows": sum(r.rows for r in results)}
    print(json.dumps({**worst, "rto_seconds": max(r.rto_seconds for r in results)}))
    assert any(r.cut for r in results)
