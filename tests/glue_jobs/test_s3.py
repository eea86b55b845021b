"""S3 URIs are split, and prefixes are listed and deleted, in one way everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, delete_prefix, list_keys, list_objects
from lakehouse.environments import Environment
from tests.buckets import create_bucket

BUCKET = "a-bucket"


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://b/a/table", "b", "a/table"),
        ("s3://b", "b", ""),
        ("s3://b/", "b", ""),
        ("s3://b/a//c", "b", "a//c"),
        ("s3://b/dt=2017-01-01/x y.json", "b", "dt=2017-01-01/x y.json"),
    ],
)
def test_a_uri_is_split_at_the_first_slash(uri: str, bucket: str, key: str) -> None:
    assert S3Uri.parse(uri) == S3Uri(bucket, key)


@pytest.mark.parametrize("text", ["", "b/key", "s3://", "s3:///key", "file:///tmp/x", "s3a://b/key"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an S3 URI"):
        S3Uri.parse(text)


def test_a_uri_reads_as_it_was_written() -> None:
    assert str(S3Uri.parse("s3://b/a/table")) == "s3://b/a/table"
    assert S3Uri.parse("s3://b/a/table").path == "b/a/table"
    assert str(S3Uri("b")) == "s3://b"


def test_a_folder_ends_in_one_slash_and_a_bucket_in_none() -> None:
    assert S3Uri("b", "a").folder == S3Uri("b", "a").folder.folder == S3Uri("b", "a/")
    assert S3Uri("b").folder == S3Uri("b", "")
    assert S3Uri("b").child("a").child("c.json") == S3Uri("b", "a/c.json")


@pytest.fixture
def env(aws_env: Environment) -> Iterator[Environment]:
    s3 = create_bucket(aws_env, BUCKET)
    for number in range(3):
        s3.put_object(Bucket=BUCKET, Key=f"a/{number}.json", Body=b"x" * number)
    s3.put_object(Bucket=BUCKET, Key="ab/0.json", Body=b"x")
    yield aws_env
    delete_prefix(s3, S3Uri(BUCKET))
    s3.delete_bucket(Bucket=BUCKET)


def test_a_listing_holds_the_folder_and_not_its_namesake(env: Environment) -> None:
    s3 = clients(env).s3
    assert list(list_keys(s3, S3Uri(BUCKET, "a").folder)) == ["a/0.json", "a/1.json", "a/2.json"]
    assert [item["Size"] for item in list_objects(s3, S3Uri(BUCKET, "a/"))] == [0, 1, 2]
    assert list(list_keys(s3, S3Uri(BUCKET, "none/"))) == []


def test_a_listing_goes_on_after_the_first_page(env: Environment) -> None:
    s3 = clients(env).s3
    for number in range(1005):
        s3.put_object(Bucket=BUCKET, Key=f"many/{number:04d}", Body=b"")
    assert len(list(list_keys(s3, S3Uri(BUCKET, "many/")))) == 1005
    delete_prefix(s3, S3Uri(BUCKET, "many/"))
    assert list(list_keys(s3, S3Uri(BUCKET, "many/"))) == []


def test_deleting_a_folder_leaves_its_namesake(env: Environment) -> None:
    s3 = clients(env).s3
    delete_prefix(s3, S3Uri(BUCKET, "a").folder)
    assert list(list_keys(s3, S3Uri(BUCKET))) == ["ab/0.json"]
    delete_prefix(s3, S3Uri(BUCKET, "a").folder)
