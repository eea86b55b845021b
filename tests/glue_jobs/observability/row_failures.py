"""Runs jobs that fail over a row whose every column holds a canary: in one process, as a run does.

`python -m tests.glue_jobs.observability.row_failures FILE` writes {job: name of its error} to FILE.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from deltalake import write_deltalake
from pyspark.sql import SparkSession

from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.errors import error_code
from glue_jobs.observability import logs
from glue_jobs.observability.secrets import Secrets
from glue_jobs.runner import RunRequest, run_job
from glue_jobs.session import spark_session
from lakehouse.contracts import Contract, Suite
from lakehouse.environments import Environment, load_environment, names
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.params import Param
from tests.glue_jobs.builders import contract
from tests.glue_jobs.observability.failing_row import (
    COLUMNS,
    FUNCTIONS,
    KEYS,
    LEAKS,
    ROW,
    SENT,
    arrow,
    code,
    csv,
    ddl,
    landing,
)
from tests.glue_jobs.quality.helpers import rule
from tests.glue_jobs.run_harness import RUN_DATE, job, schemas
from tests.glue_jobs.sources.systems import WarehouseTable
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import proc


class Failures:
    """Each method fails over the row in another place."""

    def __init__(self, env: Environment, spark: SparkSession) -> None:
        self.env, self.spark, self.s3 = env, spark, clients(env).s3

    def fill(self, table: str, *rows: dict[str, Any], mode: Any = "append") -> None:
        data = pa.Table.from_pylist(list(rows), schema=arrow())
        write_deltalake(
            names.table_uri(self.env, table),
            data,
            mode=mode,
            storage_options=storage_options(self.env),
            configuration={"delta.enableChangeDataFeed": "true"},
        )

    def put(self, key: str, body: str) -> None:
        self.s3.put_object(Bucket=names.bucket(self.env, names.Zone.LANDING), Key=key, Body=body.encode())

    def run(self, of: Job, *contracts: Contract, suites: dict[str, Suite] | None = None) -> None:
        run_job(self.env, schemas(*contracts, suites=suites), self.spark, RunRequest(of, RUN_DATE))

    def transform(self, name: str) -> None:
        target = contract(f"gold.{name}", COLUMNS, **KEYS)
        of = job(name, type=JobType.TRANSFORM, reads=(LEAKS.table,), **code(target.table))
        self.run(of, LEAKS, target)

    def leak_constraint(self) -> None:
        """A row breaks a constraint of a table, which Delta's own writer finds."""
        landed = landing("leak_constraint", "json_lines")
        self.fill(landed.table, {**ROW, "customer_id": 1, "name": "x"})
        uri = names.table_uri(self.env, landed.table)
        self.spark.sql(f"ALTER TABLE delta.`{uri}` ADD CONSTRAINT short CHECK (length(name) < 5)")
        self.put("leak_constraint/dt=2017-01-31/a.json", json.dumps(SENT))
        self.run(job("leak_constraint", type=JobType.INGEST, writes=(landed.table,)), landed)

    def leak_contract(self) -> None:
        """Rows break their contract: too many for the environment."""
        self.put("leak_contract/dt=2017-01-31/a.csv", csv({**SENT, "balance": "83729.41x"}))
        of = job("leak_contract", type=JobType.INGEST, writes=("bronze.leak_contract",))
        self.run(of, landing("leak_contract", "csv"))

    def leak_document(self) -> None:
        self.put("leak_document/dt=2017-01-31/a.json", json.dumps(SENT))
        of = job("leak_document", type=JobType.INGEST, **code("bronze.leak_document"))
        self.run(of, landing("leak_document", "json_document"))

    def leak_gate(self) -> None:
        rules = [
            rule("expect_column_values_to_be_between", column="customer_id", max_value=1),
            rule("expect_column_max_to_be_between", column="balance", max_value=1),
            rule("expect_column_values_to_match_regex", column="email", regex="^x$"),
            rule("expect_column_values_to_be_in_set", column="name", value_set=["x"]),
            rule("expect_column_mean_to_be_between", column="score", max_value=0.0),
            rule("expect_column_sum_to_be_between", column="balance", max_value=0.0),
        ]
        of = job("leak_gate", type=JobType.GATE, reads=(LEAKS.table,))
        self.run(of, LEAKS, suites={LEAKS.table: Suite(table=LEAKS.table, expectations=rules)})

    def publish(self, name: str, warehouse: str, spoil: Callable[[WarehouseTable], None]) -> None:
        target = contract(f"gold.{name}", COLUMNS, **KEYS)
        of = job(name, type=JobType.PUBLISH, reads=(target.table,), warehouse=warehouse)
        self.fill(target.table, {**ROW, "customer_id": 1})
        self.run(of, target)
        table = WarehouseTable(self.env, warehouse)
        table.name = f"gold.{name}" if warehouse == "redshift" else f"ANALYTICS.GOLD.{name.upper()}"
        spoil(table)
        self.fill(target.table, ROW)
        self.run(of, target)

    def leak_redshift(self) -> None:
        """A unique index: PostgreSQL quotes the key."""
        self.publish("leak_redshift", "redshift", lambda t: ddl(t, "CREATE UNIQUE INDEX ON {t} (email)"))

    def leak_redshift_type(self) -> None:
        """A check that quotes the whole row."""
        check = "ALTER TABLE {t} ADD CHECK (customer_id < 9)"
        self.publish("leak_redshift_type", "redshift", lambda t: ddl(t, check))

    def leak_snowflake(self) -> None:
        def retype(table: WarehouseTable) -> None:
            table.run("DROP TABLE {t}")
            columns = ", ".join(f"{name.upper()} NUMBER(5,0)" for name in COLUMNS)
            table.run(f"CREATE TABLE {{t}} ({columns})")

        self.publish("leak_snowflake", "snowflake", retype)

    def stream(self, target: Contract, file: str = "") -> None:
        params = (Param("postgres", "{{ secret('postgres') }}", "string", True),)
        fills = proc("fill", target.table, file=file)
        of = job(
            target.name,
            type=JobType.STREAM,
            kind="streaming",
            schedule="continuous",
            procs=(fills,),
            params=params,
            writes=(target.table,),
        )
        self.run(of, target)

    def feed(self, name: str, layer: str, **lake: Any) -> tuple[TopicHarness, Contract]:
        feed = TopicHarness(self.env, self.spark, name=name)
        source = {"kind": "kafka", "object": name, "format": "json_lines", "system": "feed"}
        return feed, contract(f"{layer}.{name}", COLUMNS, source=source, **KEYS, **lake)

    def leak_lakebase(self) -> None:
        feed, target = self.feed("leak_lakebase", "gold", write="merge", store="postgres")
        feed.send({**SENT, "customer_id": 1})
        self.stream(target)
        login: dict[str, Any] = Secrets(self.env).get("postgres")
        with psycopg.connect(**login, autocommit=True) as connection:
            connection.execute("CREATE UNIQUE INDEX ON gold_db.leak_lakebase (email)")
        feed.send(SENT)
        self.stream(target)

    def leak_messages(self) -> None:
        feed, target = self.feed("leak_messages", "bronze", write="append")
        feed.send(SENT)
        self.stream(target, FUNCTIONS)

    def leak_topic(self) -> None:
        """Kafka's consumer fails: the messages that the stream has not read are gone."""
        feed, target = self.feed("leak_topic", "bronze", write="append")
        feed.send({**SENT, "customer_id": 1})
        self.stream(target)
        feed.send(SENT, SENT)
        feed.forget_before(3)
        self.stream(target)


def main(out: Path) -> None:
    env = load_environment("local")
    logs.configure(env)
    failures = Failures(env, spark_session(env))
    failures.fill(LEAKS.table, ROW)
    places: dict[str, Callable[[], None]] = {
        name: lambda name=name: failures.transform(name)  # type: ignore[misc]
        for name in ("leak_jvm", "leak_worker", "leak_driver", "leak_broadcast")
    }
    places |= {name: getattr(failures, name) for name in dir(failures) if name.startswith("leak_")}
    errors: dict[str, str] = {}
    for name, fail in places.items():
        try:
            fail()
        except Exception as error:
            errors[name] = error_code(error)
    out.write_text(json.dumps(errors))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
