"""Commits carry Delta's row counts. Reading them is tested in test_read.py and test_target.py."""

from __future__ import annotations

from glue_jobs.tables.commits import Commit


def test_row_counts_are_added_and_missing_ones_are_zero() -> None:
    commit = Commit(3, {"numTargetRowsInserted": 2, "numTargetRowsUpdated": 3, "numSourceRows": 9})
    assert commit.rows("numTargetRowsInserted", "numTargetRowsUpdated", "numOutputRows") == 5


def test_a_merge_is_known_by_its_source_rows() -> None:
    assert Commit(0, {"numSourceRows": 0}).merged
    assert not Commit(0, {"numOutputRows": 5}).merged
