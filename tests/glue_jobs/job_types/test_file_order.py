"""Of two deliveries of a key without a change column the newer one wins, however they are read."""

from __future__ import annotations

import types
from datetime import UTC, date, datetime, timedelta

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract.validate import POSITION
from glue_jobs.job_types.file_order import ordered_by_file
from glue_jobs.job_types.transform import Transform
from glue_jobs.run_context import Batch
from glue_jobs.session import job_session
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment, names
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract, local_frame
from tests.glue_jobs.job_types.ingest_harness import IngestHarness
from tests.glue_jobs.job_types.resumed_harness import ingest
from tests.glue_jobs.run_harness import job, run_context, schemas

DAY = date(2017, 1, 31)
COLUMNS = {"id": {"type": "integer"}, "value": {"type": ["string", "null"]}}
LOADED = {**COLUMNS, "loaded_at": {"type": "string", "format": "date-time"}}


class Deliveries:
    """Files of rows without a change column, and the table of the newest."""

    def __init__(self, env: Environment, spark: SparkSession) -> None:
        self.env, self.spark = env, spark
        self.files = IngestHarness(env, spark)
        self.name = self.files.name
        self.bronze = contract(
            f"bronze.{self.name}",
            COLUMNS,
            write="append",
            sequence=None,
            watermark_state_key=f"{self.name}.files",
            source={"kind": "landing", "object": self.name, "format": "json_lines", "system": "toy"},
        )
        self.silver = contract(
            f"silver.{self.name}", LOADED, sequence="loaded_at", incremental_from=[f"bronze.{self.name}"]
        )

    def drop(self, name: str, value: str, day: date) -> None:
        self.files.drop(*({"id": i, "value": f"{value}{i}"} for i in range(100)), file=name, day=day)

    def run(self, day: date) -> None:
        ingest(self.env, self.spark, self.bronze, day)
        module = types.ModuleType("deliveries")
        rows = f"bronze_{self.name}"
        newest = f"{rows}.selectExpr('id', 'value', '_ingest_ts AS loaded_at')"
        exec(f"def {self.name}(*, {rows}): return {newest}", module.__dict__)
        of_job = job(reads=(self.bronze.table,), writes=(self.silver.table,))
        known = schemas(self.bronze, self.silver)
        Transform(module).execute(run_context(self.env, of_job, known, self.spark, run_date=day))

    def values(self) -> set[str]:
        stored = delta_rs.rows(self.env, names.table_uri(self.env, self.silver.table), "value")
        return {str(value).rstrip("0123456789") for (value,) in stored}


def planned(files: list[str]) -> Batch:
    position = {"files": files}
    at = datetime(2017, 1, 31, tzinfo=UTC)
    return Batch("k", 1, "b", "r", DAY, {}, position, False, at, lambda: None)


@pytest.mark.parametrize(("threshold", "sent"), [("10MB", True), ("1KB", False), ("-1", False)])
def test_a_list_of_files_is_sent_to_every_task_only_below_the_threshold_of_the_facts(
    threshold: str, sent: bool, spark: SparkSession
) -> None:
    session = job_session(spark)
    session.conf.set("spark.sql.autoBroadcastJoinThreshold", threshold)
    session.conf.set("spark.sql.adaptive.autoBroadcastJoinThreshold", threshold)
    files = [f"t/dt=2017-01-31/{n:03}.jsonl" for n in range(100)]
    rows = local_frame(session, f"{POSITION} string", *[(f"{file}:7",) for file in reversed(files)])
    ordered, time = ordered_by_file(rows, planned(files))
    stored = ordered.select(POSITION, F.unix_micros(time).alias("at"))
    plan = stored._jdf.queryExecution().executedPlan().toString()
    assert ("BroadcastHashJoin" in plan) == sent
    assert [row[0] for row in stored.orderBy("at").collect()] == [f"{file}:7" for file in files]


@pytest.mark.parametrize("together", [pytest.param(True, marks=pytest.mark.slow), False])
def test_the_newer_delivery_wins_in_one_batch_in_two_and_after_a_reset(
    together: bool, local_env: Environment, spark: SparkSession
) -> None:
    deliveries, next_day = Deliveries(local_env, spark), DAY + timedelta(days=1)
    deliveries.drop("z.jsonl", "first", DAY)
    if not together:
        deliveries.run(DAY)
    deliveries.drop("a.jsonl", "corrected", next_day)
    deliveries.drop("b.jsonl", "corrected again", next_day)
    deliveries.run(next_day)
    assert deliveries.values() == {"corrected again"}
    Watermarks(local_env).reset(f"{deliveries.name}.files", None)
    deliveries.run(next_day)
    assert deliveries.values() == {"corrected again"}
