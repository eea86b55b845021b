"""A quarantined file is a copy of its bytes and a file of facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.tables.quarantined_files import QuarantinedFile, copy_of, from_facts, quarantine_file
from lakehouse.environments import Environment
from tests.buckets import create_bucket

BUCKET = "quarantined-files"
ROOT = S3Uri(BUCKET, "_errors/bronze/x/files/dt=2017-01-31/run_id=1")


@pytest.fixture(scope="module")
def bucket(aws_env: Environment) -> Environment:
    create_bucket(aws_env, BUCKET)
    return aws_env


def landed(env: Environment, key: str, body: bytes) -> QuarantinedFile:
    etag = clients(env).s3.put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"].strip('"')
    uri = f"s3://{BUCKET}/{key}"
    copy = str(copy_of(ROOT, uri, etag))
    return QuarantinedFile(
        "bronze.x", uri, "is broken", copy, etag, len(body), "2017-01-31T00:00:00Z", "2017-01-31", "1", "b", 2
    )


def test_bytes_and_facts_are_kept_and_a_second_try_changes_neither(bucket: Environment) -> None:
    s3 = clients(bucket).s3
    file = landed(bucket, "in//é #1%.csv", b"\xff\0bytes")
    for _ in range(2):
        quarantine_file(s3, file)
    folder = f"{ROOT.key}/{file.id}"
    assert list(list_keys(s3, ROOT.folder)) == [f"{folder}/bytes/é #1%.csv", f"{folder}/file.json"]
    assert s3.get_object(Bucket=BUCKET, Key=S3Uri.parse(file.copy).key)["Body"].read() == b"\xff\0bytes"
    body = s3.get_object(Bucket=BUCKET, Key=f"{ROOT.key}/{file.id}/file.json")["Body"].read()
    assert from_facts(body) == file


def test_a_file_that_is_not_the_one_that_was_read_is_not_kept(bucket: Environment) -> None:
    file = landed(bucket, "in/a.csv", b"first")
    landed(bucket, "in/a.csv", b"second")
    for changed in (file, replace(file, file=f"s3://{BUCKET}/in/gone.csv")):
        with pytest.raises(RunError, match=r"RUN203 bronze\.x: s3://.* was overwritten or deleted"):
            quarantine_file(clients(bucket).s3, changed)
