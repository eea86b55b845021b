"""Tables are kept in shape: what is maintained, passed over, reported."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.job_types.maintain import Maintain
from glue_jobs.run_context import RunContext
from glue_jobs.runner import RunRequest, run_job
from glue_jobs.state.audit import Audit
from glue_jobs.state.lease import lease
from glue_jobs.tables.delta_log import version
from glue_jobs.tables.maintenance import TableMaintainer
from glue_jobs.tables.target import append
from lakehouse.contracts import Contract, Schemas
from lakehouse.environments import Environment, load_environment, names
from lakehouse.pipelines.reader import read_pipeline
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector, FaultsError
from tests.glue_jobs.builders import contract, target
from tests.glue_jobs.job_types.ingest_harness import DAY, IngestHarness, row

PIPELINE = read_pipeline(project_root() / "pipelines" / "maintenance", Collector(project_root()))


JOB = PIPELINE.job("maintain_tables")


@pytest.fixture
def harness(local_env: Environment, spark: SparkSession) -> IngestHarness:
    return IngestHarness(local_env, spark)


def context(
    harness: IngestHarness, tables: Sequence[str], *more: Contract, env: Environment | None = None
) -> RunContext:
    run = harness.context((), (), env)
    run.job = replace(run.job, name=f"maintain_{harness.name}", maintains=tuple(tables))
    run.schemas = Schemas({c.table: c for c in (harness.bronze, harness.silver, *more)}, {})
    return run


def maintain(
    harness: IngestHarness, tables: Sequence[str], *more: Contract, env: Environment | None = None
) -> RunContext:
    run = context(harness, tables, *more, env=env)
    Maintain().execute(run)
    return run


def many_files(harness: IngestHarness, drops: int = 4) -> None:
    for n in range(drops):
        harness.drop(row(2 * n + 1, f"v{n}"), row(2 * n + 2), file=f"part-{n}.jsonl")
        harness.ingest()


def write_parts(harness: IngestHarness, of: Contract, parts: list[list[str]]) -> None:
    """A commit for each list, with two rows for each of its days."""
    uri = names.table_uri(harness.env, of.table)
    for days in parts:
        number = version(harness.spark, uri) + 2
        rows = harness.spark.createDataFrame(
            [(n, f"v{day}", day) for n, day in enumerate(days * 2)], "id long, value string, day string"
        )
        typed = rows.select(
            "id",
            "value",
            F.lit(datetime(2017, 1, 31, 10, tzinfo=UTC)).alias("changed_at"),
            F.col("day").cast("date"),
        )
        mine = target(harness.spark, harness.env, of, number, uri, app=harness.name)
        append(mine, typed.select(*of.column_names).coalesce(1))


def test_a_table_that_is_being_written_or_is_not_there_is_passed_over_and_said_so(
    harness: IngestHarness, caplog: pytest.LogCaptureFixture
) -> None:
    many_files(harness, 2)
    with lease(harness.env, harness.bronze.table, "a-writer"), caplog.at_level(logging.WARNING):
        run = maintain(harness, [harness.bronze.table, harness.silver.table], env=harness.impatient())
    assert run.problems == []
    assert run.files == {harness.bronze.table: {"passed_over": 1}, harness.silver.table: {"passed_over": 1}}
    assert "a-writer" in caplog.text
    assert f"{harness.silver.table} passed over: it does not exist yet" in caplog.text
    assert maintain(harness, [harness.bronze.table]).files[harness.bronze.table]["files_after"] == 1


def test_a_table_that_fails_keeps_no_other_and_fails_the_run_at_its_end(harness: IngestHarness) -> None:
    many_files(harness, 2)
    harness.build()
    broken = contract(f"silver.{harness.name}_broken")
    write_parts(harness, broken, [["2017-01-01"], ["2017-01-01"]])
    bucket, prefix = names.bucket(harness.env, names.Zone.SILVER), f"{harness.name}_broken/part-"
    (one, *_) = clients(harness.env).s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    clients(harness.env).s3.delete_object(Bucket=bucket, Key=one["Key"])
    run = maintain(harness, [broken.table, harness.bronze.table], broken)
    assert run.files[harness.bronze.table]["files_after"] == 1
    (problem,) = run.problems
    assert problem.code == "RUN210"
    assert f"1 of 2 tables were not maintained: {broken.table}: " in str(problem)


def test_a_table_of_the_lakebase_is_none_of_ours(harness: IngestHarness) -> None:
    other = contract(f"gold.{harness.name}", store="postgres")
    with pytest.raises(RunError, match="RUN211"):
        maintain(harness, [other.table], other)


def test_a_run_notes_what_became_of_the_files_in_audit_and_metrics(harness: IngestHarness) -> None:
    many_files(harness, 3)
    schemas = Schemas({harness.bronze.table: harness.bronze}, {})
    done = run_job(
        harness.env, schemas, harness.spark, RunRequest(replace(JOB, maintains=(harness.bronze.table,)), DAY)
    )
    row = Audit(harness.env).get(done.run_id)
    assert row is not None
    assert (
        row.files[harness.bronze.table]["files_before"],
        row.files[harness.bronze.table]["files_after"],
    ) == (
        3,
        1,
    )
    of = [
        {"Name": "job", "Value": JOB.name},
        {"Name": "environment", "Value": "local"},
        {"Name": "table", "Value": harness.bronze.table},
    ]
    now = datetime.now(UTC)
    (point,) = clients(harness.env).cloudwatch.get_metric_statistics(
        Namespace=names.metrics_namespace(harness.env),
        MetricName="table_files",
        Dimensions=of,  # type: ignore[arg-type]
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=7200,
        Statistics=["Maximum"],
    )["Datapoints"]
    assert point["Maximum"] == 1


def test_less_than_a_week_is_no_fact(tmp_path: Path) -> None:
    (tmp_path / "more.yml").write_text("maintenance:\n  retain_hours: 167\n")
    with pytest.raises(FaultsError, match="retain_hours"):
        load_environment("dev", config=tmp_path / "more.yml")


def maintainer(spark: SparkSession, folder: Path, of: Contract) -> TableMaintainer:
    return TableMaintainer.of(spark, folder.as_uri(), of, load_environment("dev").maintenance, lambda: None)
