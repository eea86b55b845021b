"""What a run leaves behind: its audit row, its log lines, its error."""

from __future__ import annotations

import logging
from typing import cast

import pytest
from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.runner import RunRequest, run_job
from glue_jobs.state.audit import Audit, Status
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Control
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import RUN_DATE, NoSpark, job, schemas

THINGS = contract("silver.things")
IN_POSTGRES = contract("gold.things", store="postgres")


def spark(session: object | None = None) -> SparkSession:
    return cast("SparkSession", session or NoSpark())


def test_a_run_that_succeeds_closes_its_audit_row(aws_env: Environment) -> None:
    request = RunRequest(job("idle"), RUN_DATE, trace_id="t-1")
    row = run_job(aws_env, schemas(THINGS), spark(), request)
    assert Audit(aws_env).get(row.run_id) == row
    assert (row.status, row.run_date, row.trace_id) == (Status.SUCCEEDED, RUN_DATE, "t-1")


def test_a_run_that_fails_raises_its_error_and_closes_its_audit_row(aws_env: Environment) -> None:
    request = RunRequest(job("stranger", maintains=("gold.things",)), RUN_DATE)
    with pytest.raises(RunError, match=r"^RUN211 gold\.things is no table of the lake"):
        run_job(aws_env, schemas(IN_POSTGRES), spark(), request)
    [row] = Audit(aws_env).list(job="stranger")
    assert (row.status, row.error_code) == (Status.FAILED, "RUN211")


def test_an_argument_that_the_job_does_not_have_starts_no_run(aws_env: Environment) -> None:
    with pytest.raises(RunError, match=r"^RUN051 job careful has no parameter 'days'; it has none"):
        run_job(aws_env, schemas(), spark(), RunRequest(job("careful"), RUN_DATE, {"days": "3"}))
    assert Audit(aws_env).list(job="careful") == []


def test_an_audit_row_that_cannot_be_closed_is_logged_and_hides_no_error(
    aws_env: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    class RowRemoved(NoSpark):
        """Somebody removes the audit row while the run works."""

        @property
        def _jvm(self) -> None:
            dynamodb, table = clients(aws_env).dynamodb, names.control_table(aws_env, Control.AUDIT)
            for item in dynamodb.scan(TableName=table)["Items"]:
                dynamodb.delete_item(TableName=table, Key={"pk": item["pk"]})
            raise RuntimeError("the session is gone")

    request = RunRequest(job("lost", maintains=("silver.things",)), RUN_DATE)
    with caplog.at_level(logging.ERROR), pytest.raises(RunError, match="the session is gone"):
        run_job(aws_env, schemas(THINGS), spark(RowRemoved()), request)
    assert "the audit row of the run was not closed and says RUNNING" in caplog.text
