"""Transactions name a write; commits carry Delta's row counts. Reading a log is tested in test_read.py."""

from __future__ import annotations

from glue_jobs.tables.delta_log import Commit, Txn


def test_a_transaction_is_given_to_a_writer_as_its_options() -> None:
    assert Txn("job.silver.orders", 7, "b-1").options() == {
        "txnAppId": "job.silver.orders",
        "txnVersion": "7",
        "userMetadata": "b-1",
    }


def test_row_counts_are_added_and_missing_ones_are_zero() -> None:
    commit = Commit(3, {"numTargetRowsInserted": 2, "numTargetRowsUpdated": 3, "numSourceRows": 9})
    assert commit.rows("numTargetRowsInserted", "numTargetRowsUpdated", "numOutputRows") == 5


def test_a_merge_is_known_by_its_source_rows() -> None:
    assert Commit(0, {"numSourceRows": 0}).merged
    assert not Commit(0, {"numOutputRows": 5}).merged
