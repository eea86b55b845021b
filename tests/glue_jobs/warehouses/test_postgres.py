"""Micro-batches into the Lakebase: each exactly once, the newest row of each key, whatever the order."""

from __future__ import annotations

import pytest

from glue_jobs.errors import RunError
from tests.glue_jobs.warehouses.lakebase import EVENTS, Lakebase


def test_a_batch_is_there_with_the_note_that_it_is(lakebase: Lakebase) -> None:
    assert lakebase.write(0, (1, "a", 1, False), (2, "b", 1, False)) == 2
    assert lakebase.stored() == [(1, "a", 1, False), (2, "b", 1, False)]
    assert lakebase.recorded() == [(lakebase.stream, 0, 2)]
    assert lakebase.count() == 2
    assert lakebase.left_behind() == []


def test_a_batch_that_is_recorded_is_not_written_again(lakebase: Lakebase) -> None:
    lakebase.write(0, (1, "a", 1, False), (2, "b", 1, False))
    lakebase.write(1, (1, "A", 2, False))
    assert lakebase.write(1, (1, "other", 9, False), (9, "more", 9, False)) == 1
    assert lakebase.write(0, (1, "other", 9, False)) == 2
    assert lakebase.stored() == [(1, "A", 2, False), (2, "b", 1, False)]


def test_a_batch_older_than_any_that_is_still_known_is_not_written_again(lakebase: Lakebase) -> None:
    lakebase.write(0, (1, "a", 1, False))
    lakebase.write(1500, (1, "b", 2, False))
    assert lakebase.recorded() == [(lakebase.stream, 1500, 1)]
    assert lakebase.write(0, (1, "late", 9, False)) is None
    assert lakebase.stored() == [(1, "b", 2, False)]


def test_a_crash_before_the_commit_leaves_nothing_and_the_replay_writes_all(lakebase: Lakebase) -> None:
    lakebase.write(0, (1, "a", 1, False))
    lakebase.run("ALTER TABLE {t} ADD CONSTRAINT not_seven CHECK (id <> 7)")
    with pytest.raises(RunError, match="not_seven") as fault:
        lakebase.write(1, (1, "A", 2, False), (7, "x", 1, False))
    assert fault.value.code == "RUN423"
    assert lakebase.stored() == [(1, "a", 1, False)]
    assert [batch for _, batch, _ in lakebase.recorded()] == [0]
    assert lakebase.left_behind() == []
    lakebase.run("ALTER TABLE {t} DROP CONSTRAINT not_seven")
    assert lakebase.write(1, (1, "A", 2, False), (7, "x", 1, False)) == 2
    assert lakebase.stored() == [(1, "A", 2, False), (7, "x", 1, False)]


def test_text_with_nul_is_refused_and_never_changed(lakebase: Lakebase) -> None:
    lakebase.write(0, (1, "a", 1, False))
    with pytest.raises(RunError, match="PostgreSQL cannot hold a row") as fault:
        lakebase.write(1, (1, "a\0b", 2, False))
    assert fault.value.code == "RUN423"
    assert lakebase.stored() == [(1, "a", 1, False)]


def test_what_a_killed_attempt_staged_goes_with_the_next_and_that_of_others_stays(lakebase: Lakebase) -> None:
    from glue_jobs.warehouses.postgres_table import LakebaseTable

    table = LakebaseTable.of(lakebase.contract)
    mine, others = table.staging(lakebase.stream)[1], table.staging("another stream")[1]
    lakebase.run(f"CREATE TABLE gold_db.{mine} (id bigint)")
    lakebase.run(f"CREATE TABLE gold_db.{others} (id bigint)")
    lakebase.write(0, (1, "a", 1, False))
    assert lakebase.left_behind() == [others]
    lakebase.run(f"DROP TABLE gold_db.{others}")


def test_streams_of_one_table_have_batches_of_their_own(lakebase: Lakebase) -> None:
    assert lakebase.write(0, (1, "a", 1, False), stream="s1") == 1
    assert lakebase.write(0, (2, "b", 1, False), stream="s2") == 1
    assert lakebase.recorded() == [("s1", 0, 1), ("s2", 0, 1)]
    assert [row[0] for row in lakebase.stored()] == [1, 2]


def test_a_row_that_is_older_than_what_is_there_changes_nothing_and_is_not_counted(
    lakebase: Lakebase,
) -> None:
    lakebase.write(0, (1, "newest", 5, False), (2, "b", 5, False))
    assert lakebase.write(1, (1, "late", 4, False), (2, "newer", 6, False), (2, "b", 5, False)) == 1
    assert lakebase.stored() == [(1, "newest", 5, False), (2, "newer", 6, False)]


def test_a_deleted_key_stays_as_a_flagged_row_and_may_come_back(lakebase: Lakebase) -> None:
    lakebase.write(0, (1, "a", 1, False), (2, "b", 1, False))
    lakebase.write(1, (1, "a", 2, True))
    assert lakebase.stored() == [(1, "a", 2, True), (2, "b", 1, False)]
    lakebase.write(2, (1, "late", 1, False))
    assert lakebase.stored()[0] == (1, "a", 2, True)
    lakebase.write(3, (1, "again", 3, False))
    assert lakebase.stored()[0] == (1, "again", 3, False)


def test_without_a_sequence_what_comes_replaces_what_is_there(lakebase: Lakebase) -> None:
    lakebase.contract = lakebase.of(EVENTS, sequence=None, delete_flag=None)
    lakebase.write(0, (1, "z", 9, None), (2, "b", 1, None))
    assert lakebase.write(1, (1, "a", 1, None), (1, "a", 1, None)) == 1
    assert lakebase.stored() == [(1, "a", 1, None), (2, "b", 1, None)]


def test_a_table_of_nothing_but_its_key_takes_each_key_once(lakebase: Lakebase) -> None:
    lakebase.contract = lakebase.of({"id": {"type": "integer"}}, sequence=None, delete_flag=None)
    for batch in range(2):
        lakebase.writer.upsert(
            lakebase.contract, lakebase.spark.range(5), stream=lakebase.stream, batch=batch
        )
    assert lakebase.count() == 5


def test_an_empty_batch_is_recorded_as_such(lakebase: Lakebase) -> None:
    assert lakebase.write(0) == 0
    assert lakebase.recorded() == [(lakebase.stream, 0, 0)]
    assert lakebase.stored() == []


def test_rows_that_differ_only_in_order_of_columns_are_told_by_name(lakebase: Lakebase) -> None:
    turned = lakebase.spark.createDataFrame(
        [(False, 1, "a", 7)], "is_deleted boolean, seq bigint, value string, id bigint"
    )
    lakebase.writer.upsert(lakebase.contract, turned, stream=lakebase.stream, batch=0)
    assert lakebase.stored() == [(7, "a", 1, False)]
