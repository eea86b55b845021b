"""No value of a row leaves a run that fails over it: by a log, a JVM, audit, lineage, metrics or alerts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from lakehouse.environments import Environment, names, prefixes
from lakehouse.environments.names import Control, Zone
from tests.glue_jobs.observability.failing_row import CANARIES

ROOT = Path(__file__).parents[3]
# Where the run fails → what it calls its error.
ERRORS = {
    "leak_jvm": "Py4JJavaError",
    "leak_worker": "PythonException",
    "leak_driver": "ValueError",
    "leak_broadcast": "Py4JJavaError",
    "leak_constraint": "Py4JJavaError",
    "leak_contract": "RUN112",
    "leak_document": "Py4JJavaError",
    "leak_gate": "RUN301",
    "leak_lakebase": "RUN423",
    "leak_messages": "Py4JJavaError",
    "leak_redshift": "UniqueViolation",
    "leak_redshift_type": "CheckViolation",
    "leak_snowflake": "ProgrammingError",
    "leak_topic": "RUN104",
}


@pytest.fixture(scope="module")
def said(local_env: Environment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Channel → everything that the failing runs said in it."""
    aws, folder = clients(local_env), tmp_path_factory.mktemp("failures")
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="row-failures")["QueueUrl"]
    topic = f"arn:aws:sns:{local_env.region}:{local_env.account}:{names.alert_topic(local_env)}"
    arn = f"arn:aws:sqs:{local_env.region}:{local_env.account}:row-failures"
    aws.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    command = [sys.executable, "-m", "tests.glue_jobs.observability.row_failures", str(folder / "errors")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, env=dict(os.environ))
    assert run.returncode == 0, run.stderr[-3000:]
    return {
        "errors": (folder / "errors").read_text(),
        "stdout": run.stdout,
        "stderr": run.stderr,
        "alerts": "\n".join(_messages(sqs, queue)),
        "state": "\n".join(_items(local_env)),
        "artifacts": "\n".join(_artifacts(local_env)),
        "servers": "\n".join(_server_logs()),
        "metrics": json.dumps(aws.cloudwatch.list_metrics()["Metrics"], default=str),
    }


def test_every_place_fails_over_the_row(said: dict[str, str]) -> None:
    assert json.loads(said["errors"]) == ERRORS
    for job in ERRORS:
        assert job in said["stderr"]
        assert job in said["alerts"]
        assert job in said["state"]
        assert f"{prefixes.LINEAGE}/job={job}" in said["artifacts"]


@pytest.mark.parametrize("canary", CANARIES)
def test_no_channel_says_a_value_of_the_row(said: dict[str, str], canary: str) -> None:
    quoting: dict[str, str] = {
        channel: text[max(0, text.index(canary) - 300) : text.index(canary) + 60]
        for channel, text in said.items()
        if canary in text
    }
    assert quoting == {}


def _server_logs() -> Iterator[str]:
    """What the servers that replace warehouses, Lakebase, broker and AWS wrote into their logs."""
    for file in (Path(os.environ["LAKEHOUSE_OVERLAY"]).parent / "logs").iterdir():
        yield file.read_text(errors="replace")


def _messages(sqs: Any, queue: str) -> Iterator[str]:
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield message["Body"]
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def _items(env: Environment) -> Iterator[str]:
    for control in Control:
        pages = (
            clients(env).dynamodb.get_paginator("scan").paginate(TableName=names.control_table(env, control))
        )
        yield from (json.dumps(item, default=str) for page in pages for item in page["Items"])


def _artifacts(env: Environment) -> Iterator[str]:
    """Lineage, event logs and all else; the keys of failing rows stand in the results of gates alone."""
    s3, bucket = clients(env).s3, names.bucket(env, Zone.ARTIFACTS)
    for key in list_keys(s3, S3Uri(bucket)):
        if not key.startswith(f"{prefixes.DQ_RESULTS}/"):
            yield key
            yield s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8", "replace")
