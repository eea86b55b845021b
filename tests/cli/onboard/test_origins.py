"""Files below a prefix of S3 become a table as files of this machine do."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cli.onboard.origins import Request, read_origin
from glue_jobs.aws import clients
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from tests.cli.calls import Call
from tests.cli.onboard.remote import TABLE, contract_of, message, onboard
from tests.cli.onboard.stored import stored_rows, written_contract
from tests.cli.pipeline.pipeline_tree import Tree
from tests.glue_jobs.sources.systems import Landing, unique

PEOPLE = "id,full_name,amount\n1,Ann,1.50\n2,Bob,\n"


def test_files_of_the_landing_zone_are_read_where_they_are(
    spark: SparkSession, local_env: Environment, lakehouse: Call, tree: Tree, tmp_path: Path
) -> None:
    landing = Landing(local_env)
    landing.put("dt=2017-01-01/a.csv", PEOPLE)
    landing.put("dt=2017-01-02/b.csv", PEOPLE.replace("1,Ann", "3,Cat").replace("2,Bob", "4,Dan"))
    landing.put("dt=2017-01-02/c.csv.tmp", "unfinished")
    uri = f"s3://{names.bucket(local_env, Zone.LANDING)}/{landing.prefix}"
    answer = onboard(lakehouse, tree, uri, "--env", "local")
    contract = contract_of(answer, lakehouse, tree)
    assert contract["source"] == {"kind": "landing", "object": landing.prefix, "format": "csv"}
    assert "4 rows, 3 columns" in answer.out
    assert "mask=hash" in contract["columns"]["full_name"]
    assert "landing put" not in answer.out
    origin, sample = read_origin(Request((f"{uri}/dt=2017-01-02/b.csv",), TABLE, None, "local", None))
    assert (origin.object, len(sample.rows)) == (landing.prefix, 2)
    rows = stored_rows(spark, local_env, written_contract(sample, origin, tmp_path))
    assert [row[0] for row in sorted(rows)] == [1, 2, 3, 4]


def test_files_of_another_bucket_are_to_be_copied(local_env: Environment) -> None:
    s3, bucket, folder = clients(local_env).s3, names.bucket(local_env, Zone.ARTIFACTS), unique("in")
    for key in (f"{folder}/people.csv", f"{folder}_old/odd.csv"):
        s3.put_object(Bucket=bucket, Key=key, Body=PEOPLE.encode())
    origin, sample = read_origin(Request((f"s3://{bucket}/{folder}",), TABLE, None, "local", None))
    for key in (f"{folder}/people.csv", f"{folder}_old/odd.csv"):
        s3.delete_object(Bucket=bucket, Key=key)
    assert (origin.object, len(sample.rows)) == ("people_of_origin", 2)
    zone = names.bucket(local_env, Zone.LANDING)
    assert origin.next == (f"copy the files to s3://{zone}/people_of_origin/dt=<day>/",)


@pytest.mark.parametrize(
    ("source", "more", "error"),
    [
        ("topic:no_such_topic", ["--env", "local"], "has no topic 'no_such_topic'"),
        ("topic:", ["--env", "local"], "wanted topic:NAME"),
        ("topic:x", [], "name it with --env"),
        ("snowflake:NO_SUCH_TABLE", ["--env", "local"], "NO_SUCH_TABLE does not exist"),
        ("snowflake:a.b.c.d", ["--env", "local"], "wanted [[DATABASE.]SCHEMA.]TABLE"),
        ("s3://no-such-bucket-of-ours/x/", ["--env", "local"], "cannot be listed: NoSuchBucket"),
        ("s3://UPPER/x/", ["--env", "local"], "is no prefix of S3"),
    ],
)
def test_a_source_that_is_not_there_is_one_clear_error_and_leaves_nothing(
    local_env: Environment, lakehouse: Call, tree: Tree, source: str, more: list[str], error: str
) -> None:
    before = sorted(tree.root.rglob("*"))
    answer = onboard(lakehouse, tree, source, *more)
    assert answer.code == 2
    assert error in message(answer)
    assert sorted(tree.root.rglob("*")) == before


def test_a_secret_that_is_missing_is_named(
    local_env: Environment, lakehouse: Call, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.change("environments/local.yml", "snowflake:\n", "snowflake:\n  secret: no_such_secret\n")
    answer = onboard(lakehouse, tree, "snowflake:people", "--env", "local")
    assert answer.code == 2
    assert "RUN010 there is no secret" in message(answer)
