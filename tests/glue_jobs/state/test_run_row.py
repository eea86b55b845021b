"""A row of the audit balances its counts, knows dead runs and survives the table unchanged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from glue_jobs.state.process import this_process
from glue_jobs.state.run_row import Counts, RunRow, Status, from_item, to_item

NOW = datetime(2017, 1, 2, 12, tzinfo=UTC)
DEADLINE = NOW + timedelta(hours=1)
ROW = RunRow(
    "run-1",
    "snowflake_to_bronze",
    "retail",
    date(2017, 1, 2),
    started_at=NOW.isoformat(),
    deadline=DEADLINE.isoformat(),
    process=this_process(),
    tables={"bronze.orders": Counts(10, 7, 2, 1)},
    files={"bronze.orders": {"files_before": 9}},
    seconds=1.5,
)


def test_counts_balance_when_every_row_is_accounted_for() -> None:
    assert Counts(10, 7, 2, 1).balanced
    assert not Counts(10, 7, 2, 0).balanced


def test_counts_of_portions_are_added() -> None:
    assert Counts(10, 7, 2, 1) + Counts(1, 1, 0, 0) == Counts(11, 8, 2, 1)
    assert str(Counts(10, 7, 2, 1)) == "10 in, 7 written, 2 quarantined, 1 deduplicated"


def test_a_run_whose_process_lives_is_never_dead() -> None:
    assert not ROW.is_dead(NOW)
    assert not ROW.is_dead(DEADLINE + timedelta(days=1))


def test_a_run_whose_process_has_ended_is_dead_at_once_unless_it_is_closed() -> None:
    namespace, pid, _ = this_process().rsplit(":", 2)
    ended = replace(ROW, process=f"{namespace}:{pid}:1")
    assert ended.is_dead(NOW)
    assert not replace(ended, status=Status.FAILED).is_dead(NOW)


def test_a_run_of_another_machine_is_dead_after_its_deadline() -> None:
    elsewhere = replace(ROW, process="another machine:1:1")
    assert not elsewhere.is_dead(DEADLINE)
    assert elsewhere.is_dead(DEADLINE + timedelta(seconds=1))


def test_a_stream_of_another_machine_lives_for_as_long_as_it_holds_its_lease() -> None:
    stream = replace(ROW, process="another machine:1:1", deadline="", alive_by="stream.s")
    held = {("stream.s", "run-1")}
    assert not stream.is_dead(DEADLINE + timedelta(days=30), lambda *lease: lease in held)
    assert stream.is_dead(NOW, lambda *_: False)


def test_a_row_comes_back_from_its_item_as_it_was() -> None:
    item = to_item(ROW)
    assert (item["pk"], item["run_date"], item["status"]) == ("run-1", "2017-01-02", "RUNNING")
    assert from_item({**item, "token": "t"}) == ROW
