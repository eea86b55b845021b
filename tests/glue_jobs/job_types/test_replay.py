"""Rejected rows are tried again through their contract: exactly once, and what fails stays open."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cli.quarantine.discarding import discard_rows
from cli.quarantine.entries import Selection, entries
from cli.quarantine.exchange import EditError
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Counts
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables.quarantine_ledger import Books
from lakehouse.environments import Environment
from tests.glue_jobs.builders import contract
from tests.glue_jobs.job_types.ingest_harness import COLUMNS, IngestHarness
from tests.glue_jobs.job_types.replay_harness import Replays, exported, with_rejected_rows
from tests.glue_jobs.job_types.resumed_harness import killed_before_the_watermark_moves


@pytest.fixture
def harness(local_env: Environment, spark: SparkSession) -> IngestHarness:
    return with_rejected_rows(local_env, spark)


def test_edited_rows_enter_once_and_silver_follows_with_its_next_run(
    harness: IngestHarness, tmp_path: Path
) -> None:
    replays, file = Replays(harness.env, harness.spark, harness.bronze), tmp_path / "rows.jsonl"
    harness.build()
    rows = exported(harness, file)
    assert [r["reasons"] for r in rows if r["row"]["value"] == "a"] == [["id: required"]]
    for number, edited in enumerate(rows):
        if edited["raw"]:
            edited["raw"] += ' "line", "changed_at": "2017-01-31T10:00:00Z"}'
        elif edited["row"]["value"] == "a":
            edited["row"]["id"] = 2
        elif edited["row"]["value"] == "b":
            edited["row"]["id"] = -3
        else:
            edited["row"]["value"] = f"text {number}"
    file.write_text("\n".join(map(json.dumps, rows)))
    request = replays.ask(file)
    with killed_before_the_watermark_moves():
        replays.run(request)
    run = replays.run(request)
    assert run.counts[harness.bronze.table] == Counts(3, 3, replayed=3)
    assert "1 of 4 replayed rows break the contract again and stay open" in run.warnings[0]
    assert replays.reasons() == [("id: minimum 1.0",)]
    assert replays.books() == Books(4, 1, 3, 0)
    assert replays.counts(request) == Counts()
    assert replays.ask(file) is not None  # the row that failed is tried again
    assert harness.build() == Counts(3, 3)
    tables = harness.rows("bronze"), harness.rows("silver")
    assert tables[0] == tables[1]
    assert {2: "a", 4: "line"}.items() <= dict(tables[0]).items()
    assert len(tables[0]) == 15


def test_csv_changes_only_the_cells_that_were_edited(harness: IngestHarness, tmp_path: Path) -> None:
    replays, file = Replays(harness.env, harness.spark, harness.bronze), tmp_path / "rows.csv"
    rows = exported(harness, file)
    # The contract has a column `id` of its own.
    edited = next(r for r in rows if r["value"] == "a")
    edited["id"] = "2"
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, edited)
        writer.writeheader()
        writer.writerows(rows)
    assert replays.counts(replays.ask(file)) == Counts(1, 1, replayed=1)
    # The number that came for a text is a number still, and the broken line is broken.
    assert replays.reasons() == [
        ("format: the line cannot be read",),
        ("id: required",),
        ("value: type string",),
    ]


def test_the_same_rows_enter_after_the_contract_was_mended(harness: IngestHarness) -> None:
    replays = Replays(harness.env, harness.spark, harness.bronze)
    assert replays.counts(replays.ask()) == Counts()
    mended = replace(contract("x.y", {**COLUMNS, "id": {"type": ["integer", "null"]}}).by_name["id"])
    bronze = harness.bronze
    columns = tuple(mended if c.name == "id" else c for c in bronze.columns)
    loose = replace(bronze, columns=columns)
    assert replays.counts(replays.ask(of=loose), loose) == Counts(2, 2, replayed=2)
    assert replays.books() == Books(4, 2, 2, 0)
    # The source that gives a replayed row again gives no new one.
    assert replays.ask(of=loose, rule="id: required") is None


def test_a_discarded_row_is_not_tried_and_the_books_hold(harness: IngestHarness) -> None:
    replays = Replays(harness.env, harness.spark, harness.bronze)
    request = replays.ask()
    chosen = [e.line.id for e in entries(harness.env, harness.bronze.table)][:2]
    table = harness.bronze.table
    assert discard_rows(harness.env, table, Selection(ids=tuple(chosen)), "a test of the source") == 2
    assert discard_rows(harness.env, table, Selection(ids=tuple(chosen)), "again") == 0
    assert replays.books() == Books(4, 2, 0, 2)
    with killed_before_the_watermark_moves():
        replays.run(request)
    with pytest.raises(RunError, match=r"RUN633 .*a replay was killed before its end"):
        discard_rows(harness.env, table, Selection(), "all")
    assert replays.books() == Books(4, 2, 0, 2)
    bucket = ledger.discard_file(harness.env, table, "x").bucket
    decided = ledger.decisions(clients(harness.env).s3, bucket, table)
    assert decided[chosen[0]].reasons == ("a test of the source",)


def test_what_was_edited_wrongly_is_said_with_file_and_line_before_anything_is_written(
    harness: IngestHarness, tmp_path: Path
) -> None:
    replays, file = Replays(harness.env, harness.spark, harness.bronze), tmp_path / "rows.jsonl"
    first, second, *_ = exported(harness, file)
    for lines, fault in (
        ([json.dumps(first), "{"], r"rows.jsonl:2: no JSON"),
        ([json.dumps(first), json.dumps(first)], r"rows.jsonl:2: '\w+' stands in line 1 too"),
        ([json.dumps({**first, "id": "other"})], r":1: 'other' is the id of no row of bronze\.toy"),
        (
            ["", json.dumps({**second, "row": {"valeu": 1}})],
            r":2: .* has no column 'valeu'; did you mean 'value'",
        ),
    ):
        file.write_text("\n".join(lines))
        with pytest.raises(EditError, match=f"RUN632 .*{fault}"):
            replays.ask(file)
    assert replays.books() == Books(4, 4, 0, 0)


def test_a_table_that_is_computed_from_its_inputs_takes_no_single_row(harness: IngestHarness) -> None:
    of = contract("gold.sums", write="recompute", recompute_by="changed_at")
    with pytest.raises(RunError, match=r"RUN631 gold\.sums takes no single rows: it is written by recompute"):
        Replays(harness.env, harness.spark, of).ask()
