"""Results of the quality gate are appended once, however often a run is started."""

from __future__ import annotations

import uuid

import pytest
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.tables.commits import commit_of
from glue_jobs.tables.delta_log import Txn, version
from glue_jobs.tables.results import append_results
from lakehouse.environments import Environment, names
from tests.glue_jobs.builders import frame

DDL = "rule string, success boolean"


@pytest.fixture
def uri(local_env: Environment) -> str:
    return f"{names.zone_uri(local_env, names.Zone.SILVER)}/results-{uuid.uuid4().hex}"


def test_results_are_appended_once_per_transaction(spark: SparkSession, uri: str) -> None:
    rows, first = frame(spark, DDL, ("not_null", True)), Txn("gate.silver", 1, "batch-1")
    assert append_results(rows, uri, first, lambda: None)
    assert not append_results(rows, uri, first, lambda: None)
    assert append_results(rows, uri, Txn("gate.silver", 2, "batch-2"), lambda: None)
    assert spark.read.format("delta").load(uri).count() == 2
    commit = commit_of(spark, uri, first)
    assert commit
    assert commit.rows("numOutputRows") == 1


def test_results_are_not_written_without_the_lease(spark: SparkSession, uri: str) -> None:
    def lost() -> None:
        raise RunError("the lease was lost", code="RUN021")

    with pytest.raises(RunError, match="RUN021"):
        append_results(frame(spark, DDL, ("not_null", True)), uri, Txn("gate.silver", 1, "batch-1"), lost)
    assert version(spark, uri) == -1
