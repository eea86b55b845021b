"""Landing files that cannot be read are quarantined as files: once, with their bytes, and are read again."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest
from pyspark.sql import SparkSession

from cli.quarantine.files import quarantined_files, replay_file
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri
from glue_jobs.state.audit import Counts
from glue_jobs.state.run_row import RunRow, from_item, to_item
from glue_jobs.state.watermark import OpenWatermark
from lakehouse.environments import Environment
from tests.glue_jobs.job_types.ingest_harness import DAY, IngestHarness, row

ROWS = '{"id": 1, "value": "v", "changed_at": "2017-01-31T10:00:00Z"}\n'
CUT = gzip.compress((ROWS * 1000).encode())[:-20]


@pytest.fixture
def harness(local_env: Environment, spark: SparkSession) -> IngestHarness:
    return IngestHarness(local_env, spark)


def test_a_file_is_quarantined_once_with_its_bytes_however_often_its_batch_is_tried(
    harness: IngestHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.drop(row(7))
    harness.put(CUT, "cut.jsonl.gz")
    with monkeypatch.context() as broken:
        broken.setattr(OpenWatermark, "commit", lambda self: (_ for _ in ()).throw(ConnectionError("killed")))
        with pytest.raises(ConnectionError):
            harness.ingest()
    assert harness.ingest() == Counts(1, 1, 0, 0, quarantined_files=1)
    assert harness.rows("bronze") == [(7, "v")]
    (file,) = quarantined_files(harness.env, harness.bronze.table)
    assert file.file.endswith(f"/{harness.name}/dt={DAY}/cut.jsonl.gz")
    assert file.reason.startswith("cannot be decompressed: ")
    assert (file.table, file.run_date, file.size) == (harness.bronze.table, str(DAY), len(CUT))
    copy = S3Uri.parse(file.copy)
    assert clients(harness.env).s3.get_object(Bucket=copy.bucket, Key=copy.key)["Body"].read() == CUT


def test_a_mended_file_and_the_very_same_file_under_another_name_are_read_by_the_next_run(
    harness: IngestHarness,
) -> None:
    harness.drop(row(7))
    harness.put(CUT, "cut.jsonl.gz")
    harness.ingest()
    (file,) = quarantined_files(harness.env, harness.bronze.table)
    harness.put(gzip.compress(ROWS.encode()), "cut.jsonl.gz")
    assert harness.ingest() == Counts(1, 1, 0, 0)
    assert replay_file(harness.env, file).to.endswith(f"/{file.id}-cut.jsonl.gz")
    harness.drop(row(8), row(9), file="new.jsonl")
    assert harness.ingest() == Counts(2, 2, 0, 0, quarantined_files=1)
    assert len(quarantined_files(harness.env, harness.bronze.table)) == 2


def test_a_file_that_stopped_its_batch_is_read_by_the_run_after_it_was_mended(harness: IngestHarness) -> None:
    harness.drop(row(7))
    renamed = [{"id": n, "value": "v", "changed": "2017-01-31T10:00:00Z"} for n in (1, 2)]
    harness.drop(*renamed, file="part-1.jsonl")
    harness.drop(*renamed, file="part-0.jsonl")
    with pytest.raises(RunError, match=r"RUN102 .*/part-0\.jsonl:1 .*lacks column 'changed_at'"):
        harness.ingest()
    # The run has planned both files as they were, and the mended ones are others.
    harness.drop(row(1), row(2))
    harness.drop(row(3), file="part-1.jsonl")
    harness.ingest()
    assert harness.rows("bronze") == [(1, "v"), (2, "v"), (3, "v")]


def test_more_unreadable_files_than_are_tolerated_fail_the_run_that_has_read_the_others(
    harness: IngestHarness,
) -> None:
    harness.drop(row(7))
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        harness.put(CUT, name)
    with pytest.raises(
        RunError, match=r"RUN131 .*: 2 of 3 landing files cannot be read; s3://.*/a\.jsonl\.gz"
    ):
        harness.ingest()
    assert harness.rows("bronze") == [(7, "v")]
    assert harness.ingest() == Counts()


def test_an_audit_row_of_before_has_no_quarantined_files() -> None:
    written = RunRow("1", "job", "pipeline", DAY, tables={"bronze.x": Counts(3, 2, 1, 0, 1)})
    assert from_item(to_item(written)).tables == written.tables
    item = to_item(replace(written, run_date=DAY + timedelta(1)))
    del item["tables"]["bronze.x"]["quarantined_files"]
    assert from_item(item).tables == {"bronze.x": Counts(3, 2, 1, 0, 0)}
