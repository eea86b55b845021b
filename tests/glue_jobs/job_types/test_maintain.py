"""Tables are kept in shape: what is maintained, passed over, reported."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from glue_jobs.state.audit import Audit
from glue_jobs.state.lease import lease
from lakehouse.contracts import Schemas
from lakehouse.environments import load_environment, names
from lakehouse.pipelines.reader import read_pipeline
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector, FaultsError
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.ingest_harness import DAY, IngestHarness
from tests.glue_jobs.job_types.maintain_harness import maintain, many_files, write_parts

PIPELINE = read_pipeline(project_root() / "pipelines" / "maintenance", Collector(project_root()))


JOB = PIPELINE.job("maintain_tables")


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
