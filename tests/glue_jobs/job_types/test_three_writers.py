"""Runs that write one table at the same time wait for one another, whatever AWS refuses in between."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.aws_gate import gate_before
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row

WRITERS, LOADS, ROWS = 3, 2, 5


@pytest.fixture
def throttled(local_env: Environment) -> Iterator[Environment]:
    """The platform behind a gate that throttles a fifth of all calls."""
    with gate_before(str(local_env.aws.endpoint)) as (gate, endpoint):
        gate.throttle(0.2)
        aws = local_env.aws.model_copy(update={"endpoint": endpoint})
        yield local_env.model_copy(update={"aws": aws, "lease_wait_seconds": 300})


def test_three_writers_of_one_table_lose_no_commit_while_aws_throttles(
    local_env: Environment, spark: SparkSession, throttled: Environment
) -> None:
    harness = IngestHarness(local_env, spark)

    def write(writer: int) -> int:
        written = 0
        for load in range(LOADS):
            first = (writer * LOADS + load) * ROWS + 1
            harness.drop(*[row(first + n) for n in range(ROWS)], file=f"{writer}-{load}.jsonl")
            written += harness.ingest(throttled).written
        return written

    with ThreadPoolExecutor(WRITERS) as writers:
        written = sum(writers.map(write, range(WRITERS)))
    total = WRITERS * LOADS * ROWS
    assert written == total
    assert [key for key, _ in harness.rows("bronze")] == list(range(1, total + 1))
    assert harness.ingest().written == 0
