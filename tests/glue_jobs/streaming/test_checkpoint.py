"""Whose a checkpoint is, and which offsets a micro-batch covers."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import pytest

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.streaming.checkpoint import IDENTITY, Checkpoint
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from tests.buckets import create_bucket


@pytest.fixture(scope="module")
def bucket(aws_env: Environment) -> str:
    bucket = names.bucket(aws_env, Zone.CHECKPOINTS)
    create_bucket(aws_env, bucket)
    return bucket


@pytest.fixture
def checkpoint(aws_env: Environment, bucket: str) -> Checkpoint:
    return Checkpoint(aws_env, clients(aws_env), f"job/{uuid.uuid4().hex}")


def put(env: Environment, checkpoint: Checkpoint, name: str, body: str) -> None:
    bucket, _, path = checkpoint.uri.removeprefix("s3://").partition("/")
    clients(env).s3.put_object(Bucket=bucket, Key=f"{path}/{name}", Body=body.encode())


def offsets(millis: int, **partitions: int) -> str:
    """A file as Spark writes it before each micro-batch."""
    by_number = {p.removeprefix("p"): offset for p, offset in partitions.items()}
    return "\n".join(["v1", json.dumps({"batchTimestampMs": millis}), json.dumps({"events": by_number})])


def test_a_new_checkpoint_becomes_that_of_the_query_and_stays_it(checkpoint: Checkpoint) -> None:
    first = checkpoint.claim("fill", "task", "bronze.events", "events")
    assert checkpoint.claim("fill", "task", "bronze.events", "events") == first


def test_a_topic_that_was_made_anew_is_not_read_on_from_the_old_offsets(checkpoint: Checkpoint) -> None:
    query = ("fill", "task", "bronze.events", "events")
    first = checkpoint.claim(*query)
    known = checkpoint.claim(*query, "topic-1")
    assert (known.stream, known.topic_id) == (first.stream, "topic-1")
    assert checkpoint.claim(*query, "topic-1") == checkpoint.claim(*query) == known
    with pytest.raises(
        RunError, match=r"RUN144 bronze.events: .* topic-1 and is topic-2 now.*checkpoint_path"
    ):
        checkpoint.claim(*query, "topic-2")


def test_the_checkpoint_of_another_query_is_refused(checkpoint: Checkpoint) -> None:
    checkpoint.claim("fill", "task", "bronze.events", "events")
    with pytest.raises(
        RunError, match=r"RUN120 .* is the checkpoint of job fill, task task, which fills"
    ) as caught:
        checkpoint.claim("fill", "task", "bronze.other", "events")
    assert "it cannot be that of job fill, task task, bronze.other from topic events" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("offsets/0", "v1", "holds a checkpoint that does not say whose it is"),
        (IDENTITY, "{}", "does not say whose checkpoint this is"),
        (IDENTITY, "no JSON", "does not say whose checkpoint this is"),
    ],
)
def test_a_checkpoint_without_an_owner_is_refused(
    aws_env: Environment, checkpoint: Checkpoint, name: str, body: str, message: str
) -> None:
    put(aws_env, checkpoint, name, body)
    with pytest.raises(RunError, match=f"RUN121 .*{message}"):
        checkpoint.claim("fill", "task", "bronze.events", "events")


def test_a_batch_begins_where_the_one_before_ended(aws_env: Environment, checkpoint: Checkpoint) -> None:
    put(aws_env, checkpoint, "sources/0/0", offsets(0, p0=5).splitlines()[2])
    put(aws_env, checkpoint, "offsets/0", offsets(1_000, p0=8))
    put(aws_env, checkpoint, "offsets/1", offsets(2_500, p0=9, p1=4))
    first = checkpoint.span(0)
    assert (first.begin, first.until) == ({0: 5}, {0: 8})
    second = checkpoint.span(1, first)
    # A partition that is new begins at 0.
    assert (second.begin, second.until) == ({0: 8, 1: 0}, {0: 9, 1: 4})
    assert second.began == datetime(1970, 1, 1, 0, 0, 2, 500_000, tzinfo=UTC)
    assert checkpoint.span(1) == second


def test_a_note_is_read_back(checkpoint: Checkpoint) -> None:
    assert checkpoint.read_note("lane.json") is None
    checkpoint.write_note("lane.json", {"batch": 3, "lane": "s3://x"})
    assert checkpoint.read_note("lane.json") == {"batch": 3, "lane": "s3://x"}
