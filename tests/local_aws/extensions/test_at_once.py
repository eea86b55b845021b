"""Many calls at once: each run and each query ends in a state, and none is lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pyarrow as pa
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from deltalake import write_deltalake

from cli.tables.storage import storage_options
from lakehouse.environments import Environment
from tests.local_aws.athena_query import ended, lines
from tests.local_aws.glue.script_job import script_job

RUNS, QUERIES = 50, 100
Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def client(local_env: Environment) -> Client:
    session = boto3.Session("testing", "testing", region_name=local_env.region)
    # No call is repeated by the client itself.
    once = Config(max_pool_connections=RUNS, retries={"total_max_attempts": 1})
    made = {
        service: session.client(service, endpoint_url=local_env.aws.endpoint, config=once)
        for service in ("s3", "iam", "glue", "athena")
    }
    return made.__getitem__


def started(client: Client, name: str) -> list[str]:
    """The ids of the runs, or the codes of the refusals, of fifty starts at once."""

    def start(_: int) -> str:
        try:
            return str(client("glue").start_job_run(JobName=name)["JobRunId"])
        except ClientError as error:
            return str(error.response["Error"]["Code"])

    with ThreadPoolExecutor(RUNS) as pool:
        return list(pool.map(start, range(RUNS)))


def states(client: Client, name: str) -> Counter[str]:
    pages = client("glue").get_paginator("get_job_runs").paginate(JobName=name)
    return Counter(run["JobRunState"] for page in pages for run in page["JobRuns"])


def test_of_fifty_starts_of_a_job_that_runs_once_one_is_accepted(client: Client) -> None:
    name = script_job(client, "import time; time.sleep(60)")
    answers = started(client, name)
    (run,) = (answer for answer in answers if answer.startswith("jr_"))
    assert Counter(answers)["ConcurrentRunsExceededException"] == RUNS - 1
    client("glue").batch_stop_job_run(JobName=name, JobRunIds=[run])
    assert sum(states(client, name).values()) == 1


@pytest.mark.slow
def test_fifty_runs_at_once_wait_for_cores_and_all_succeed(client: Client) -> None:
    name = script_job(client, "print(1)", ExecutionProperty={"MaxConcurrentRuns": RUNS})
    ids = started(client, name)
    assert len(set(ids)) == RUNS
    deadline = time.monotonic() + 600
    while states(client, name) != {"SUCCEEDED": RUNS}:
        assert time.monotonic() < deadline, states(client, name)
        time.sleep(1)


@pytest.mark.slow
def test_a_hundred_queries_at_once_all_have_their_answer(client: Client, local_env: Environment) -> None:
    region = local_env.region
    client("s3").create_bucket(
        Bucket="at-once-athena", CreateBucketConfiguration={"LocationConstraint": region}
    )
    location = "s3://at-once-athena/numbers"
    write_deltalake(
        location, pa.table({"n": list(range(QUERIES))}), storage_options=storage_options(local_env)
    )
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": "at_once"})
    descriptor = {"Location": location, "Columns": []}
    glue.create_table(DatabaseName="at_once", TableInput={"Name": "numbers", "StorageDescriptor": descriptor})
    athena = client("athena")
    results = {"OutputLocation": "s3://at-once-athena/results/"}
    athena.create_work_group(Name="at_once", Configuration={"ResultConfiguration": results})

    def answer(number: int) -> str:
        sql = f"SELECT sum(n) AS total FROM at_once.numbers WHERE n <= {number}"
        execution = ended(athena, sql, "at_once")
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return str(lines(athena, execution)[1][0])

    with ThreadPoolExecutor(QUERIES) as pool:
        answers = list(pool.map(answer, range(QUERIES)))
    assert answers == [str(number * (number + 1) // 2) for number in range(QUERIES)]
