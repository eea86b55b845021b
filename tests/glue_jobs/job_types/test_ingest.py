"""What a run does with sources, tables and neighbours that are not as they should be."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from cli.quarantine.rows import first_rows, quarantined_rows
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import LeaseTakenError, lease
from glue_jobs.state.watermark import Watermarks
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row


def reasons(harness: IngestHarness, layer: str = "bronze") -> list[list[str]]:
    table = f"{layer}.{harness.name}"
    return [r["reasons"] for r in first_rows(harness.env, quarantined_rows(harness.env, table), 100)]


def test_empty_source_makes_an_empty_table(harness: IngestHarness) -> None:
    assert harness.ingest() == Counts()
    assert harness.rows("bronze") == []
    assert harness.build() == Counts()
    assert harness.rows("silver") == []


def test_row_without_id_is_quarantined_with_its_place(harness: IngestHarness) -> None:
    harness.drop(row(1), row(None), row(3))
    assert harness.ingest() == Counts(3, 2, 1, 0)
    rejected = first_rows(harness.env, quarantined_rows(harness.env, harness.bronze.table), 10)
    assert [(r["reasons"], r["contract_version"], r["row"]["value"]) for r in rejected] == [
        (["id: required"], 1, "v")
    ]
    assert rejected[0]["source_position"].endswith("part-0.jsonl:2")


def test_unparsable_numbers_dates_and_lines_are_quarantined_and_the_rest_goes_on(
    harness: IngestHarness,
) -> None:
    harness.drop(
        *[row(i) for i in range(10, 14)],
        '{"id": "x", "value": "v", "changed_at": "2017-01-31T10:00:00Z"}',
        '{"id": 2, "value": "v", "changed_at": "yesterday"}',
        '{"id": 3, "va',
    )
    assert harness.ingest() == Counts(7, 4, 3, 0)
    assert sorted(reasons(harness)) == [
        ["changed_at: type timestamp"],
        ["format: the line cannot be read"],
        ["id: type bigint"],
    ]


def test_bytes_that_are_not_utf8_are_quarantined(harness: IngestHarness) -> None:
    harness.put(
        b'{"id": 1, "value": "\xff\xfe", "changed_at": "2017-01-31T10:00:00Z"}\n'
        b'{"id": 2, "value": "ok", "changed_at": "2017-01-31T10:00:00Z"}',
        "a.jsonl",
    )
    assert harness.ingest() == Counts(2, 1, 1, 0)


def test_field_of_ten_megabytes_is_carried(harness: IngestHarness) -> None:
    harness.drop(row(1, "x" * 10_000_000))
    assert harness.ingest() == Counts(1, 1, 0, 0)
    assert len(harness.rows("bronze")[0][1]) == 10_000_000


NASTY = [
    "'; DROP TABLE x; --",
    '"quoted"',
    "${jndi:ldap://x}",
    "back\\slash",
    "{{ secret('x') }}",
    "\u202eevil",
    "NULL",
    "a,b;c|d\te",
    "%s %(x)s {0}",
]


def test_sql_metacharacters_are_data(harness: IngestHarness) -> None:
    harness.drop(*[row(i, nasty) for i, nasty in enumerate(NASTY, 1)])
    harness.ingest()
    harness.build()
    assert harness.rows("silver") == list(enumerate(NASTY, 1))


def test_extra_column_is_tolerated_and_reordered_ones_do_not_shift(harness: IngestHarness) -> None:
    harness.drop({"surprise": 1, "changed_at": "2017-01-31T10:00:00Z", "value": "v", "id": 7})
    run = harness.ingest_run()
    assert run.counts[harness.bronze.table] == Counts(1, 1, 0, 0)
    assert harness.rows("bronze") == [(7, "v")]
    lacks = "the source has columns that the contract lacks: surprise"
    assert run.warnings == [f"{harness.bronze.table}: {lacks}"]


def test_file_of_a_day_to_come_waits_and_the_run_says_so(harness: IngestHarness) -> None:
    harness.drop(row(1))
    harness.drop(row(2), day=datetime.now(UTC).date() + timedelta(days=9))
    run = harness.ingest_run()
    assert harness.rows("bronze") == [(1, "v")]
    (warning,) = run.warnings
    assert warning.startswith(f"{harness.bronze.table}: 1 files of s3://")
    assert warning.endswith(" bear a time in the future, and wait until it comes")
    assert harness.ingest_run().warnings == [warning]


def test_renamed_column_fails_the_run_and_loses_nothing(harness: IngestHarness) -> None:
    harness.drop(
        *[{"identifier": i, "value": "v", "changed_at": "2017-01-31T10:00:00Z"} for i in range(1, 5)]
    )
    with pytest.raises(RunError):
        harness.ingest()
    lane = sum(1 for _ in first_rows(harness.env, quarantined_rows(harness.env, harness.bronze.table), 100))
    unread = Watermarks(harness.env).read(f"{harness.name}.files").position is None
    assert unread or lane == 4


def test_duplicates_and_late_older_rows_end_in_the_newest(harness: IngestHarness) -> None:
    harness.drop(row(1, "new", 5), row(1, "new", 5), row(2, "only", 1))
    harness.ingest()
    assert harness.build() == Counts(3, 2, 0, 1)
    harness.drop(row(1, "late and older", 2), row(2, "newer", 9), file="part-1.jsonl")
    harness.ingest()
    assert harness.build() == Counts(2, 1, 0, 1)
    assert harness.rows("silver") == [(1, "new"), (2, "newer")]


def test_second_writer_of_a_leased_table_fails_and_names_the_holder(harness: IngestHarness) -> None:
    harness.drop(row(1))
    with (
        lease(harness.env, harness.bronze.table, "somebody-else"),
        pytest.raises(LeaseTakenError, match="somebody-else"),
    ):
        harness.ingest(harness.impatient())
    assert harness.ingest() == Counts(1, 1, 0, 0)


def test_table_that_does_not_exist_is_named_with_what_to_do(harness: IngestHarness) -> None:
    with pytest.raises(
        RunError, match=f"RUN201 table bronze.{harness.name} does not exist.*run the job that writes it first"
    ):
        harness.build()


def test_run_that_failed_after_its_write_is_done_again_without_writing_twice(
    harness: IngestHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glue_jobs.state.watermark import OpenWatermark

    harness.drop(row(1), row(None))
    with monkeypatch.context() as broken:
        broken.setattr(
            OpenWatermark, "commit", lambda self: (_ for _ in ()).throw(ConnectionError(str(uuid.uuid4())))
        )
        with pytest.raises(ConnectionError):
            harness.ingest()
    assert harness.rows("bronze") == [(1, "v")]
    assert harness.ingest() == Counts(2, 1, 1, 0)
    assert harness.rows("bronze") == [(1, "v")]
    assert len(quarantined_rows(harness.env, harness.bronze.table)) == 1
    assert harness.ingest() == Counts()
