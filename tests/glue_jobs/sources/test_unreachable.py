"""A system that is down, and what may never be said of how it is reached."""

from __future__ import annotations

import json
import logging
import socket
import time
from datetime import date

import pytest
from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.connections import retry, snowflake
from glue_jobs.observability.secrets import Secrets
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.sources import kafka_offsets
from glue_jobs.sources.registry import source_for
from glue_jobs.sources.source import SourceError
from glue_jobs.warehouses.registry import warehouse_for
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.sources.systems import WarehouseTable, source_contract, source_of, whole

CANARY = "canary-pässwörd-7731"
JAN = date(2017, 1, 31)


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def down(local_env: Environment, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """The same AWS, where this project has no secrets, so that they come from the process; they lead to ports
    where nobody listens.
    """
    facts = {"host": "127.0.0.1", "port": closed_port(), "user": "u", "password": CANARY}
    secrets = {
        "SNOWFLAKE": {
            **facts,
            "account": "local",
            "protocol": "http",
            "database": "RETAIL",
            "schema": "PUBLIC",
        },
        "REDSHIFT": {**facts, "dbname": "x"},
        "KAFKA": {
            "bootstrap_servers": f"127.0.0.1:{facts['port']}",
            "security_protocol": "PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "username": "u",
            "password": CANARY,
        },
    }
    for name, secret in secrets.items():
        monkeypatch.setenv(f"LAKEHOUSE_SECRET_{name}", json.dumps(secret))
    monkeypatch.setattr(
        retry, "RETRY_POLICY", retry.RetryPolicy(tries=3, first_wait=0.01, max_wait=0.05, max_total=20)
    )
    monkeypatch.setattr(snowflake, "LOGIN_SECONDS", 1)
    monkeypatch.setattr(kafka_offsets, "TIMEOUT_SECONDS", 0.3)
    return local_env.model_copy(update={"project": "nobody"})


def output_of(fault: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    """All that anybody gets to see: the message, what it came from, and the log at its most talkative."""
    parts = [caplog.text, str(fault), repr(fault)]
    while (fault := fault.__cause__ or fault.__context__) is not None:  # type: ignore[assignment]
        parts += [str(fault), repr(fault)]
    return "\n".join(parts)


@pytest.mark.parametrize(
    ("kind", "name"), [("snowflake", "RETAIL.PUBLIC.X"), ("redshift", "public.x"), ("kafka", "topic")]
)
def test_a_source_that_is_down_is_tried_again_and_then_one_error(
    spark: SparkSession, down: Environment, caplog: pytest.LogCaptureFixture, kind: str, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    of = source_contract(kind, name, "csv" if kind == "kafka" else "rows")
    began = time.monotonic()
    with pytest.raises(
        SourceError, match=r"127\.0\.0\.1.* cannot be reached, 3 tries: .*nothing was read or written"
    ) as fault:
        source_for(of, down, spark, Secrets(down), clients(down), "s3://none/none").plan(None, JAN)
    assert fault.value.code == "RUN101"
    assert time.monotonic() - began < 15
    assert caplog.text.count("retry_scheduled") == 2
    assert CANARY not in output_of(fault.value, caplog)


@pytest.mark.parametrize("warehouse", ["snowflake", "redshift"])
def test_a_warehouse_that_is_down_is_one_error_and_leaves_no_files(
    spark: SparkSession,
    down: Environment,
    local_env: Environment,
    caplog: pytest.LogCaptureFixture,
    warehouse: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    of = contract("gold.things")
    staging = f"s3://{local_env.project}-local-checkpoints-{local_env.account}/staging/down"
    target = warehouse_for(warehouse, down, Secrets(down), clients(down), staging)  # type: ignore[arg-type]
    rows = spark.sql("select 1L id, 'v' value, timestamp'2017-01-01' changed_at")
    with pytest.raises(WarehouseError, match="cannot be reached") as fault:
        target.publish(of, rows, mode="merge", days=None, run_id="r")
    assert fault.value.code == "RUN401"
    assert list(list_keys(clients(down).s3, S3Uri.parse(staging))) == []
    assert CANARY not in output_of(fault.value, caplog)


@pytest.mark.parametrize("kind", ["snowflake", "redshift"])
def test_the_password_is_in_no_plan_and_no_log(
    spark: SparkSession, local_env: Environment, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    table = WarehouseTable(local_env, kind)
    table.run("CREATE TABLE {t} (id BIGINT, name VARCHAR(9), updated_at TIMESTAMP)")
    table.run("INSERT INTO {t} VALUES (1, 'n', '2017-01-01 00:00:00')")
    rows = whole(source_of(spark, local_env, source_contract(kind, table.name))).rows
    assert rows.count() == 1
    execution = rows._jdf.queryExecution()
    plans = "\n".join(
        [
            execution.toString(),
            execution.analyzed().treeString(),
            execution.simpleString(),
            execution.executedPlan().toString(),
        ]
    )
    password = Secrets(local_env).get(kind)["password"]
    assert len(password) > 6
    assert password not in plans
    # At DEBUG these two show every reply and every call; the jobs' logging keeps them at WARNING.
    talkative = ("botocore", "py4j")
    assert not [
        record.name
        for record in caplog.records
        if password in record.getMessage() and not record.name.startswith(talkative)
    ]


def test_a_wrong_password_is_no_reason_to_wait(
    spark: SparkSession, local_env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {**Secrets(local_env).get("snowflake"), "password": CANARY}
    monkeypatch.setenv("LAKEHOUSE_SECRET_SNOWFLAKE", json.dumps(facts))
    other = local_env.model_copy(update={"project": "nobody"})
    with pytest.raises(Exception, match="Incorrect username or password") as fault:
        source_for(
            source_contract("snowflake", "RETAIL.PUBLIC.X"),
            other,
            spark,
            Secrets(other),
            clients(other),
            "s3://none/none",
        ).plan(None, JAN)
    assert CANARY not in str(fault.value)
