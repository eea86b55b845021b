"""Rows count themselves in the pass that writes them, and are counted again when they are written already."""

from __future__ import annotations

from datetime import UTC, datetime

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract import FlaggedRows
from glue_jobs.state.audit import Counts
from glue_jobs.tables.row_counts import observe, read_through, write_observed
from glue_jobs.tables.target import append
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract, frame, target

THINGS = contract()
NOON = datetime(2017, 1, 1, 12, tzinfo=UTC)
DDL = "id bigint, value string, changed_at timestamp"
COUNTS = Counts(rows_in=4, written=2, quarantined=1, deduplicated=1)


def flagged(spark: SparkSession) -> FlaggedRows:
    """Four rows: an invalid one, and one that is a duplicate."""
    rows = frame(spark, DDL, (1, "a", NOON), (2, "invalid", NOON), (3, "c", NOON), (3, "duplicate", NOON))
    return FlaggedRows(rows, F.col("value") == "invalid")


def test_every_row_is_counted_while_the_accepted_ones_are_written(
    spark: SparkSession, local_env: Environment
) -> None:
    first = target(spark, local_env, THINGS)
    observed = observe(flagged(spark), F.col("value") == "duplicate", {"highest": F.max("id")})
    counts = write_observed(first, observed, observed.accepted, append)
    assert counts == COUNTS
    assert counts.balanced
    assert observed.metrics()["highest"] == 3
    assert sorted(row.value for row in spark.read.format("delta").load(first.uri).collect()) == ["a", "c"]


def test_a_committed_transaction_is_counted_and_not_written_again(
    spark: SparkSession, local_env: Environment
) -> None:
    first = target(spark, local_env, THINGS)
    for _ in range(2):
        observed = observe(flagged(spark), F.col("value") == "duplicate")
        assert write_observed(first, observed, observed.accepted, append) == COUNTS
    assert spark.read.format("delta").load(first.uri).count() == 2


def test_rows_that_are_read_through_count_themselves(spark: SparkSession) -> None:
    observed = observe(flagged(spark), F.lit(False))
    read_through(observed.accepted)
    assert observed.metrics() == {"rows_in": 4, "quarantined": 1, "deduplicated": 0}
