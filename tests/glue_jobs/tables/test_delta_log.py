"""Transactions name a write. Reading a log is tested in test_read.py."""

from __future__ import annotations

from glue_jobs.tables.delta_log import Txn


def test_a_transaction_is_given_to_a_writer_as_its_options() -> None:
    assert Txn("job.silver.orders", 7, "b-1").options() == {
        "txnAppId": "job.silver.orders",
        "txnVersion": "7",
        "userMetadata": "b-1",
    }
