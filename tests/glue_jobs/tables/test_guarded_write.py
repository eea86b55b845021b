"""A write whose lease is lost while it runs commits nothing, also when it creates its table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.state.lease import LeaseLostError
from glue_jobs.tables import delta_log
from glue_jobs.tables.merge import merge
from glue_jobs.tables.target import Target, append
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract, frame, target

DDL = "id bigint, value string, changed_at timestamp"


class Lease:
    """Held for some checks, and lost from then on."""

    def __init__(self, checks: int) -> None:
        self.checks = checks

    def check(self) -> None:
        self.checks -= 1
        if self.checks < 0:
            raise LeaseLostError("the lease was taken by another run")


def slow(spark: SparkSession, value: str) -> DataFrame:
    """One row that takes 6 seconds.

    A Python function would go on in its worker after its job is cancelled, and disturb the next test.
    """
    sleep = "concat(value, left(reflect('java.lang.Thread', 'sleep', 6000L), 0))"
    return frame(spark, DDL, (1, value, None)).withColumn("value", F.expr(sleep))


@pytest.fixture
def to(spark: SparkSession, local_env: Environment) -> Target:
    return target(spark, local_env, contract())


def test_a_first_write_whose_lease_is_lost_creates_no_table(to: Target, spark: SparkSession) -> None:
    rows = slow(spark, "a")
    with pytest.raises(LeaseLostError, match="taken by another run"):
        append(replace(to, guard=Lease(1).check), rows)
    assert delta_log.version(spark, to.uri) == -1


def test_a_merge_whose_lease_is_lost_changes_nothing(to: Target, spark: SparkSession) -> None:
    append(to, frame(spark, DDL, (1, "a", None)))
    rows = slow(spark, "b")
    second = replace(to, guard=Lease(1).check, txn=replace(to.txn, version=2))
    with pytest.raises(LeaseLostError):
        merge(second, rows, {}, later_wins=True)
    assert delta_log.version(spark, to.uri) == 0


def test_a_lease_that_was_lost_before_begins_no_write(to: Target, spark: SparkSession) -> None:
    with pytest.raises(LeaseLostError):
        append(replace(to, guard=Lease(0).check), frame(spark, DDL, (1, "a", None)))
    assert delta_log.version(spark, to.uri) == -1


def test_a_write_that_keeps_its_lease_commits(to: Target, spark: SparkSession) -> None:
    append(replace(to, guard=Lease(1000).check), slow(spark, "a"))
    assert delta_log.version(spark, to.uri) == 0
