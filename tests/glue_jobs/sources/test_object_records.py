"""Objects of S3 are read as streams: reported first, then parted into records."""

from __future__ import annotations

import gzip

import pytest

from glue_jobs.aws import clients
from glue_jobs.sources.object_records import FileReport, Format, Objects
from glue_jobs.sources.source import SourceError
from lakehouse.environments import Environment
from tests.buckets import create_bucket

BUCKET = "object-records"


@pytest.fixture(scope="module")
def bucket(aws_env: Environment) -> Environment:
    create_bucket(aws_env, BUCKET)
    return aws_env


def put(env: Environment, key: str, body: bytes) -> str:
    return clients(env).s3.put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"].strip('"')


def objects(env: Environment, form: Format) -> Objects:
    return Objects(BUCKET, form, env.aws, env.region)


def test_a_report_tells_the_header_of_csv_and_the_keys_of_json(bucket: Environment) -> None:
    etag = put(bucket, "a//b.csv.gz", gzip.compress(b'id,"full\nname"\n1,x\n'))
    assert objects(bucket, "csv").report("a//b.csv.gz", etag) == FileReport(
        "a//b.csv.gz", None, ("id", "full\nname")
    )
    etag = put(bucket, "a.jsonl", b'{"id": 1}\r{"name": 2}\rbroken')
    assert objects(bucket, "json_lines").report("a.jsonl", etag) == FileReport(
        "a.jsonl", None, (), ("id", "name")
    )


def test_a_report_tells_why_an_object_cannot_be_read(bucket: Environment) -> None:
    etag = put(bucket, "open.csv", b'id\n"1\n')
    fault = objects(bucket, "csv").report("open.csv", etag).fault
    assert fault == "has a quote that line 2 opens and nothing closes"


def test_records_of_csv_come_without_the_header(bucket: Environment) -> None:
    etag = put(bucket, "a.csv", b"\n id \n1\n\n2")
    assert [r.number for r in objects(bucket, "csv").records("a.csv", etag)] == [3, 5]
    assert [r.text for r in objects(bucket, "json_document").records("a.csv", etag)] == ["\n id \n1\n\n2"]


def test_an_object_that_was_overwritten_meanwhile_is_named(bucket: Environment) -> None:
    etag = put(bucket, "a.csv", b"id\n1\n")
    put(bucket, "a.csv", b"id\n2\n")
    with pytest.raises(SourceError, match=r"RUN203 s3://object-records/a\.csv was overwritten"):
        objects(bucket, "csv").report("a.csv", etag)
