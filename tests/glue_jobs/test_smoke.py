"""A smoke run tries what a job needs: it names each thing that fails, and reads and writes no row."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.smoke import SmokeError, addresses_of, smoke_run, try_engine, try_needs
from glue_jobs.state.audit import Audit
from glue_jobs.state.lease import lease
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.pipelines import load_pipelines
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import job, schemas

SCHEMAS = load_schemas()
JOBS = {job.name: job for pipeline in load_pipelines().values() for job in pipeline.jobs}
# Reads Snowflake, writes bronze, keeps watermarks.
JOB = JOBS["snowflake_to_bronze"]


def _faults(env: Environment) -> dict[str, str]:
    return {f.subject: f.fault for f in try_needs(env, SCHEMAS, JOB, "smoke-1") if f.fault}


@contextmanager
def _secret(env: Environment, value: str) -> Iterator[None]:
    """Another value of Snowflake's secret, for a while."""
    manager, name = clients(env).secretsmanager, names.secret(env, env.snowflake.secret)
    before = manager.get_secret_value(SecretId=name)["SecretString"]
    manager.put_secret_value(SecretId=name, SecretString=value)
    yield
    manager.put_secret_value(SecretId=name, SecretString=before)


def test_all_that_a_job_needs_works_and_no_object_is_left(local_env: Environment) -> None:
    zone = S3Uri(names.bucket(local_env, Zone.BRONZE), "")
    before = list(list_keys(clients(local_env).s3, zone))
    subjects = {f.subject.split(" ")[0] for f in try_needs(local_env, SCHEMAS, JOB, "smoke-1")}
    assert {"read", "write", "watermark", "lease", "secret"} <= subjects
    assert _faults(local_env) == {}
    assert list(list_keys(clients(local_env).s3, zone)) == before


def test_a_lease_that_a_run_holds_is_no_fault(local_env: Environment) -> None:
    with lease(local_env, JOB.writes[0], "another-run"):
        assert _faults(local_env) == {}


def test_a_host_that_nobody_knows_and_fields_that_lack_are_named(local_env: Environment) -> None:
    with _secret(local_env, '{"account": "a", "host": "db.invalid", "password": "canary"}'):
        faults = _faults(local_env)
    assert faults == {"secret snowflake": "lacks user"}
    with _secret(local_env, '{"account": "a", "host": "db.invalid", "user": "u", "password": "canary"}'):
        faults = _faults(local_env)
    assert faults == {"db.invalid:443": "DNS knows no such host"}


def test_a_run_whose_system_refuses_fails_with_every_fault_and_is_audited(local_env: Environment) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    fields = f'{{"account": "a", "host": "127.0.0.1", "port": "{port}", "user": "u", "password": "canary"}}'
    with (
        _secret(local_env, fields),
        pytest.raises(SmokeError, match=r"RUN690 snowflake_to_bronze: 1 of \d+ fail"),
    ):
        smoke_run(local_env, SCHEMAS, JOB, "someone")
    row = Audit(local_env).list(job="smoke", limit=1)[0]
    assert (row.status, row.actor, row.action) == ("FAILED", "someone", {"job": JOB.name})
    assert f"127.0.0.1:{port}: refuses" in row.error
    assert "canary" not in row.error


@pytest.mark.parametrize(
    ("fields", "addresses"),
    [
        ({"bootstrap_servers": "b-1.x:9098, b-2.x:9098"}, [("b-1.x", 9098), ("b-2.x", 9098)]),
        ({"bootstrap_servers": "[::1]:9092"}, [("::1", 9092)]),
        ({"host": "h", "port": "5439"}, [("h", 5439)]),
        ({"account": "acme-1"}, [("acme-1.snowflakecomputing.com", 443)]),
        ({"key": "k"}, []),
    ],
)
def test_addresses_of_a_secret(fields: dict[str, str], addresses: list[tuple[str, int]]) -> None:
    assert addresses_of(fields) == addresses


def test_engine_is_tried_and_a_log_that_delta_cannot_read_is_named(
    local_env: Environment, spark: SparkSession
) -> None:
    """Spark, Python's packages and Delta: on Glue each may be a build of its own, and all jobs hang on it."""
    sound, broken = contract("silver.smoke_sound"), contract("silver.smoke_broken")
    uri = S3Uri.parse(names.table_uri(local_env, broken.table))
    key = f"{uri.key.rstrip('/')}/_delta_log/{0:020}.json"
    clients(local_env).s3.put_object(
        Bucket=uri.bucket, Key=key, Body=b'{"protocol": {"minReaderVersion": 99}}'
    )
    of = job(reads=(sound.table,), writes=(broken.table,))
    findings = {f.subject: f.fault for f in try_engine(local_env, schemas(sound, broken), of)}
    clients(local_env).s3.delete_object(Bucket=uri.bucket, Key=key)
    assert findings.pop(f"log of {broken.table}")
    assert findings == {"Spark and Python's packages": "", f"log of {sound.table}": ""}
