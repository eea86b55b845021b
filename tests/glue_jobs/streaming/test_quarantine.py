"""Where the rejected rows of a micro-batch lie, also when the batch is done again."""

from __future__ import annotations

import json

import pytest

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri
from glue_jobs.streaming.checkpoint import Checkpoint
from glue_jobs.streaming.quarantine import StreamQuarantine
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from tests.buckets import create_bucket
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import job, run_context, schemas

EVENTS = contract("bronze.events")


@pytest.fixture(scope="module")
def env(aws_env: Environment) -> Environment:
    for zone in (Zone.CHECKPOINTS, Zone.QUARANTINE):
        create_bucket(aws_env, names.bucket(aws_env, zone))
    return aws_env


def quarantine(env: Environment, run_id: str, path: str) -> StreamQuarantine:
    run = run_context(env, job(), schemas(), run_id=run_id)
    return StreamQuarantine(run, EVENTS, Checkpoint(env, clients(env), path))


def test_a_batch_that_is_done_again_has_the_folder_of_the_first_time(env: Environment) -> None:
    first = quarantine(env, "r-1", "again").uri(7)
    assert first.endswith("/run_id=r-1/batch=7")
    assert quarantine(env, "r-2", "again").uri(7) == first
    assert quarantine(env, "r-2", "again").uri(8).endswith("/run_id=r-2/batch=8")


def test_a_gap_is_a_line_without_a_row(env: Environment) -> None:
    of = quarantine(env, "r-1", "gaps")
    of.write_gaps([("events-0@3", "offset 3 of partition 0 is missing")], 1, "b-1")
    file = S3Uri.parse(of.uri(1)).child("gaps.json")
    body = clients(env).s3.get_object(Bucket=file.bucket, Key=file.key)["Body"].read()
    assert json.loads(body) == {
        "reasons": ["offset 3 of partition 0 is missing"],
        "table": "bronze.events",
        "contract_version": 1,
        "source_position": "events-0@3",
        "raw": None,
        "row": None,
        "batch_id": "b-1",
    }
