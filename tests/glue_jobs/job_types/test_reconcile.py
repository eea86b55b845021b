"""A batch ends only when its counts add up."""

from __future__ import annotations

import logging
import uuid

import pytest
from pyspark.sql import SparkSession

from glue_jobs.contract import validate_and_quarantine
from glue_jobs.errors import RunError
from glue_jobs.job_types.reconcile import reconcile
from glue_jobs.state.audit import Counts
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract, frame
from tests.glue_jobs.run_harness import job, run_context, schemas


def test_counts_that_do_not_add_up_end_the_run(local_env: Environment, spark: SparkSession) -> None:
    things = contract(f"silver.things_{uuid.uuid4().hex[:8]}")
    run = run_context(local_env, job(), schemas(things), spark)
    rows = validate_and_quarantine(frame(spark, "id bigint, value string, changed_at timestamp"), things)
    with run.batch(things.table, things.table, lambda position: 1) as batch:
        assert batch is not None
        with pytest.raises(RunError, match=r"RUN202 .*: rows went missing: 3 in, 1 written, 0 quarantined"):
            reconcile(run, batch, run.target(things, batch), Counts(3, 1, 0, 1), rows)


def test_rejected_rows_are_in_quarantine_before_the_table_is_counted(
    local_env: Environment, spark: SparkSession, caplog: pytest.LogCaptureFixture
) -> None:
    things = contract(f"silver.things_{uuid.uuid4().hex[:8]}")
    run = run_context(local_env, job(), schemas(things), spark)
    rows = frame(spark, "id bigint, value string, changed_at timestamp", (None, "x", None), (None, "y", None))
    with run.batch(things.table, things.table, lambda position: 1) as batch, caplog.at_level(logging.WARNING):
        assert batch is not None
        reconcile(
            run, batch, run.target(things, batch), Counts(2, 0, 2, 0), validate_and_quarantine(rows, things)
        )
    assert run.counts == {things.table: Counts(2, 0, 2, 0)}
    assert spark.read.json(run.quarantine_uri(things, batch)).count() == 2
    assert "rows quarantined" in caplog.text
    assert [p.code for p in run.problems] == ["RUN112"]
