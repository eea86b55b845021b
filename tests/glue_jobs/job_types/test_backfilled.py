"""A backfill reads the days of its window once more, beside the ordinary runs, which it does not move."""

from __future__ import annotations

from datetime import date

from glue_jobs.state.watermark import Watermarks
from lakehouse.pipelines.backfill import BackfillWindow
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row
from tests.glue_jobs.job_types.resumed_harness import killed_before_the_watermark_moves

DAYS = [date(2017, 1, day) for day in (28, 29, 30)]
WINDOW = BackfillWindow("b-0001", DAYS[1], DAYS[2])


def test_folders_of_the_window_are_read_again_and_the_watermark_stays(harness: IngestHarness) -> None:
    for number, day in enumerate(DAYS):
        harness.drop(row(number + 1), file=f"{number}.jsonl", day=day)
    assert harness.ingest().written == 3
    stood = Watermarks(harness.env).read(f"{harness.name}.files")
    # The file of one day was wrong at its source, and is sent right under the same name.
    harness.drop(row(2, "right", minute=1), file="1.jsonl", day=DAYS[1])
    assert [harness.ingest(day=day, window=WINDOW).written for day in DAYS] == [0, 1, 1]
    assert Watermarks(harness.env).read(f"{harness.name}.files") == stood
    assert Watermarks(harness.env).read(f"{harness.name}.files@b-0001").batch == 2
    # Started again, it finds nothing to read; another backfill reads the window once more, at once.
    assert harness.ingest(day=DAYS[2], window=WINDOW).rows_in == 0
    again = BackfillWindow("b-0002", DAYS[1], DAYS[2])
    assert harness.ingest(window=again).written == 2
    harness.build()
    assert harness.rows("silver") == [(1, "v"), (2, "right"), (3, "v")]


def test_a_backfill_killed_midway_and_started_again_reads_each_day_once(harness: IngestHarness) -> None:
    for number, day in enumerate(DAYS):
        harness.drop(row(number + 1), file=f"{number}.jsonl", day=day)
    harness.ingest()
    harness.drop(row(2, "right", minute=1), file="1.jsonl", day=DAYS[1])
    with killed_before_the_watermark_moves():
        harness.ingest(day=DAYS[1], window=WINDOW)
    written = [harness.ingest(day=day, window=WINDOW).written for day in DAYS[1:]]
    assert written == [1, 1]
    harness.build()
    assert harness.rows("silver") == [(1, "v"), (2, "right"), (3, "v")]
    assert len(harness.rows("bronze")) == 5
