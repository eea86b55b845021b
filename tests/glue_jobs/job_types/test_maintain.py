"""Tables kept in shape: fewer and larger files of the same rows, nothing that a reader still needs, and no
table in another's way.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from cli.tables.query import answer, storage_options
from glue_jobs.aws import clients
from glue_jobs.errors import RunError, explain
from glue_jobs.job_types.maintain import Maintain
from glue_jobs.run_context import RunContext
from glue_jobs.runner import RunRequest, run_job
from glue_jobs.state.audit import Audit, Counts
from glue_jobs.state.lease import lease
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import read
from glue_jobs.tables.delta_log import Txn, version
from glue_jobs.tables.maintenance import TableMaintainer
from glue_jobs.tables.target import Target, append
from lakehouse.contracts import Contract, Schemas
from lakehouse.environments import Environment, load_environment, names
from lakehouse.pipelines.reader import read_pipeline
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector, FaultsError
from tests.glue_jobs.builders import contract, target
from tests.glue_jobs.job_types.ingest_harness import DAY, IngestHarness, row

PIPELINE = read_pipeline(project_root() / "pipelines" / "maintenance", Collector(project_root()))
assert PIPELINE is not None
JOB = PIPELINE.job("maintain_tables")
WEEK = 168 * 3600


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


def by_others(env: Environment, table: str) -> tuple[list[Any], list[Any]]:
    """The rows as delta-rs and as DuckDB see them."""
    found = DeltaTable(names.table_uri(env, table), storage_options=storage_options(env)).to_pyarrow_table()
    _, rows = answer(env, f"SELECT id, value FROM {table} ORDER BY id")
    return [(r["id"], r["value"]) for r in found.select(["id", "value"]).sort_by("id").to_pylist()], rows


def log_of(harness: IngestHarness, table: str) -> list[dict[str, Any]]:
    """What the commits say of themselves, the oldest first."""
    return list(
        reversed(
            DeltaTable(
                names.table_uri(harness.env, table), storage_options=storage_options(harness.env)
            ).history()
        )
    )


def test_many_small_files_become_one_of_the_same_rows(harness: IngestHarness) -> None:
    many_files(harness)
    before = by_others(harness.env, harness.bronze.table)
    files = maintain(harness, [harness.bronze.table]).files[harness.bronze.table]
    assert (files["files_before"], files["files_after"]) == (4, 1)
    assert by_others(harness.env, harness.bronze.table) == before
    assert len(before[0]) == len(before[1]) == 8
    # Nothing is older than a week: what older versions need is there.
    assert files["stored_files_after"] == files["stored_files_before"] + 1
    assert files["stored_bytes_after"] == files["stored_bytes_before"] + files["bytes_after"]


def test_what_follows_the_table_reads_nothing_anew_and_then_what_is_new(harness: IngestHarness) -> None:
    many_files(harness)
    harness.build()
    silver = harness.rows("silver")
    maintain(harness, [harness.bronze.table, harness.silver.table])
    assert harness.build() == Counts()
    assert harness.rows("silver") == silver
    harness.drop(row(99, "new", 5), file="later.jsonl")
    harness.ingest()
    assert harness.build() == Counts(1, 1, 0, 0)
    assert harness.rows("silver") == [*silver, (99, "new")]


def test_who_is_behind_by_versions_from_before_reads_them_all(harness: IngestHarness) -> None:
    many_files(harness, 1)
    harness.build()
    harness.drop(row(50, "before", 1), file="b.jsonl")
    harness.ingest()
    maintain(harness, [harness.bronze.table])
    harness.drop(row(51, "after", 1), file="c.jsonl")
    harness.ingest()
    assert harness.build() == Counts(2, 2, 0, 0)


def test_who_came_too_late_reads_all_again_and_no_row_is_there_twice(harness: IngestHarness) -> None:
    many_files(harness, 2)
    harness.build()
    before = harness.rows("silver")
    Watermarks(harness.env).reset(f"{harness.name}.{harness.silver.table}", None)
    assert harness.build() == Counts(4, 0, 0, 4)
    assert harness.rows("silver") == before


def test_a_second_time_changes_nothing(harness: IngestHarness) -> None:
    clustered = contract(f"silver.{harness.name}", cluster_by=["id"])
    write_parts(harness, clustered, [["2017-01-01"], ["2017-01-01"]])
    many_files(harness)
    tables = [harness.bronze.table, clustered.table]
    maintain(harness, tables, clustered)
    after = [version(harness.spark, names.table_uri(harness.env, t)) for t in tables]
    again = maintain(harness, tables, clustered)
    assert [version(harness.spark, names.table_uri(harness.env, t)) for t in tables] == after
    assert all(again.files[t]["files_before"] == again.files[t]["files_after"] == 1 for t in tables)


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


def daily(harness: IngestHarness, **lake: Any) -> Contract:
    columns = {
        "id": {"type": "integer"},
        "value": {"type": ["string", "null"]},
        "changed_at": {"type": "string", "format": "date-time"},
        "day": {"type": ["string", "null"], "format": "date"},
    }
    return contract(f"silver.{harness.name}_daily", columns, partition_by=["day"], **lake)


def test_only_partitions_that_were_written_since_are_ordered_anew(harness: IngestHarness) -> None:
    of = daily(harness, cluster_by=["id"])
    write_parts(harness, of, [["2017-01-01", "2017-01-02", "2017-01-03"]] * 2)
    maintain(harness, [of.table], of)
    (first,) = [c for c in log_of(harness, of.table) if c["operation"] == "OPTIMIZE"]
    assert json.loads(first["operationParameters"]["zOrderBy"]) == ["id"]
    write_parts(harness, of, [["2017-01-02"]])
    files = maintain(harness, [of.table], of).files[of.table]
    assert (files["files_before"], files["files_after"]) == (4, 3)
    second = [c for c in log_of(harness, of.table) if c["operation"] == "OPTIMIZE"][1]
    assert (second["operationMetrics"]["numRemovedFiles"], second["operationMetrics"]["numAddedFiles"]) in (
        ("2", "1"),
        (2, 1),
    )
    assert "2017-01-02" in str(second["operationParameters"]["predicate"])


def test_rows_without_a_partition_value_and_a_cluster_column_that_came_later_are_no_hindrance(
    harness: IngestHarness,
) -> None:
    of = daily(harness)
    write_parts(harness, of, [["2017-01-01", "2017-01-02"]] * 2)
    later = daily(harness, cluster_by=["value"])
    rows = harness.spark.createDataFrame([(7, "none")], "id long, value string")
    null = rows.withColumn("changed_at", F.lit(datetime(2017, 1, 1, tzinfo=UTC))).withColumn(
        "day", F.lit(None).cast("date")
    )
    for number in (8, 9):
        append(
            target(
                harness.spark,
                harness.env,
                of,
                number,
                names.table_uri(harness.env, of.table),
                app=harness.name,
            ),
            null,
        )
    files = maintain(harness, [later.table], later).files[later.table]
    assert (files["files_before"], files["files_after"]) == (6, 3)
    for number in (10, 11):
        append(
            target(
                harness.spark,
                harness.env,
                of,
                number,
                names.table_uri(harness.env, of.table),
                app=harness.name,
            ),
            null,
        )
    files = maintain(harness, [later.table], later).files[later.table]
    assert (files["files_before"], files["files_after"]) == (5, 3)


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
    kept = Audit(harness.env).get(done.run_id)
    assert kept is not None
    assert (
        kept.files[harness.bronze.table]["files_before"],
        kept.files[harness.bronze.table]["files_after"],
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


def on_disk(spark: SparkSession, folder: Path) -> Contract:
    """A table of four commits, compacted; its files can be made older, which those of S3 cannot."""
    of = contract()
    for number in range(1, 5):
        rows = spark.range(number * 10, number * 10 + 10, 1, 1).selectExpr(
            "id", "'v' AS value", "timestamp'2017-01-31 10:00:00' AS changed_at"
        )
        append(Target(spark, folder.as_uri(), of, Txn("t", number, str(number)), lambda: None), rows)
    kept(spark, folder, of).optimize(None)
    return of


def kept(spark: SparkSession, folder: Path, of: Contract) -> TableMaintainer:
    return TableMaintainer.of(spark, folder.as_uri(), of, load_environment("dev").maintenance, lambda: None)


def aged(folder: Path, seconds: float) -> Path:
    """A copy, as if all had happened so long before."""
    copy = folder.with_name(f"{folder.name}-{seconds:.0f}")
    shutil.copytree(folder, copy)
    for commit in (copy / "_delta_log").glob("*.json"):
        actions = [json.loads(line) for line in commit.read_text().splitlines()]
        for action in actions:
            if "remove" in action:
                action["remove"]["deletionTimestamp"] -= int(seconds * 1000)
        commit.write_text("\n".join(map(json.dumps, actions)))
    for crc in (copy / "_delta_log").glob(".*.crc"):
        crc.unlink()
    then = time.time() - seconds
    for file in copy.rglob("*"):
        os.utime(file, (then, then))
    return copy


def test_older_versions_can_be_read_for_a_week_and_then_it_is_said_what_is_gone(
    spark: SparkSession, tmp_path: Path
) -> None:
    of = on_disk(spark, tmp_path / "t")
    younger, older = aged(tmp_path / "t", WEEK - 3600), aged(tmp_path / "t", WEEK + 3600)
    for folder in (younger, older):
        kept(spark, folder, of).vacuum()
    assert len(list(younger.glob("*.parquet"))) == 5
    assert len(list(older.glob("*.parquet"))) == 1
    # The newest version is whole in both, and the change feed goes on from it.
    for folder in (younger, older):
        assert read.newest(spark, folder.as_uri(), "t").count() == 40
        assert read.new_rows(spark, folder.as_uri(), 3, 4).count() == 0
    assert read.new_rows(spark, younger.as_uri(), 0, 4).count() == 30
    for lost in (read.new_rows(spark, older.as_uri(), 0, 4), read.pinned(spark, older.as_uri(), "t", 1)):
        with pytest.raises(Exception, match="It is possible the underlying files") as raised:
            lost.write.format("noop").mode("overwrite").save()
        said = explain(raised.value)
        assert isinstance(said, RunError)
        assert said.code == "RUN212"
        assert older.name in str(said)
