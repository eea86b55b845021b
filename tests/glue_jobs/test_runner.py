"""What a run leaves behind: its audit row, its log lines, its error."""

from __future__ import annotations

import io
import logging
from typing import cast

import pytest
from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.observability import logs
from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from glue_jobs.state.audit import Audit, Status
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Control
from tests.buckets import create_bucket
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


def test_a_value_in_an_error_reaches_no_log_audit_row_lineage_event_or_message(aws_env: Environment) -> None:
    canary, stream, aws = "canary-4711@example.org", io.StringIO(), clients(aws_env)

    class Row(NoSpark):
        """Its job fails over a value, as a driver or a function of a team would say it."""

        @property
        def _jvm(self) -> None:
            raise ValueError(f"could not convert string to float: '{canary}'")

    create_bucket(aws_env, names.bucket(aws_env, names.Zone.ARTIFACTS))
    topic = aws.sns.create_topic(Name=names.alert_topic(aws_env))["TopicArn"]
    queue = aws.client("sqs").create_queue(QueueName="canaries")["QueueUrl"]
    arn = f"arn:aws:sqs:{aws_env.region}:{aws_env.account}:canaries"
    aws.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.configure(aws_env, stream=stream)
    try:
        request = RunRequest(job("canary", maintains=("silver.things",)), RUN_DATE)
        with pytest.raises(Exception, match=r"ValueError|canary"):
            run_job(aws_env, schemas(THINGS), spark(Row()), request)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    [row] = Audit(aws_env).list(job="canary")
    messages = aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    objects = [
        aws.s3.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read().decode("utf-8", "replace")
        for bucket in aws.s3.list_buckets()["Buckets"]
        for item in aws.s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
    ]
    assert any("FAIL" in text for text in objects)
    for text in (stream.getvalue(), str(row), str(messages), *objects):
        assert canary not in text
    assert "ValueError" in stream.getvalue()
    assert "ValueError" in str(messages)
