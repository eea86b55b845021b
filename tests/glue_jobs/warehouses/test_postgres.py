"""Micro-batches into the Lakebase: each exactly once, the newest row of each key, whatever the order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from glue_jobs.errors import RunError
from lakehouse.environments import Environment
from tests.glue_jobs.warehouses.lakebase import EVENTS, Event, Lakebase

few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def lakebase(spark: SparkSession, local_env: Environment) -> Lakebase:
    return Lakebase(local_env, spark)


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


def _above(value: object) -> tuple[bool, object]:
    """In the rule of ties null is above all."""
    return (True, 0) if value is None else (False, value)


def _age(event: Event) -> tuple[object, ...]:
    _, value, seq, deleted = event
    return (seq is not None, seq or 0, _above(value), _above(deleted))


EVENT = st.tuples(
    st.integers(0, 5),
    st.none() | st.sampled_from(["", "a", "B", "é", "\U0001f600", "null", "a,b"]),
    st.none() | st.integers(-2, 3),
    st.none() | st.booleans(),
)


@given(batches=st.lists(st.lists(EVENT, max_size=10), min_size=1, max_size=3))
@few
def test_whatever_the_order_and_the_duplicates_the_newest_row_of_each_key_is_there(
    lakebase: Lakebase, batches: list[list[Event]]
) -> None:
    lakebase = Lakebase(lakebase.env, lakebase.spark)
    newest: dict[int, Event] = {}
    for number, batch in enumerate(batches):
        before = dict(newest)
        for event in batch:
            newest[event[0]] = max(newest.get(event[0], event), event, key=_age)
        changed = sum(before.get(key) != event for key, event in newest.items())
        assert lakebase.write(number, *batch) == changed
        assert lakebase.write(number, *batch) == changed
    assert lakebase.stored() == [newest[key] for key in sorted(newest)]


def test_writers_of_one_table_at_the_same_time_lose_no_row_and_end(lakebase: Lakebase) -> None:
    """Each changes all keys, in an order of its own; the newest of each is known before."""
    keys = 400
    frames: dict[int, list[DataFrame]] = {writer: [] for writer in range(3)}
    for writer in frames:
        for batch in range(3):
            order = F.col("id") if writer % 2 else -F.col("id")
            rows = (
                lakebase.spark.range(keys)
                .orderBy(order)
                .selectExpr(
                    "id",
                    f"'{writer}-{batch}' value",
                    f"(id * 7 + {writer * 3 + batch} * 11) % 101 seq",
                    "false is_deleted",
                )
            )
            frames[writer].append(rows)

    def write(writer: int) -> None:
        for batch, rows in enumerate(frames[writer]):
            lakebase.writer.upsert(lakebase.contract, rows, stream=f"writer {writer}", batch=batch)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, frames))
    offers = [(f"{writer}-{batch}", (writer * 3 + batch) * 11) for writer in frames for batch in range(3)]
    expected = [(key, *max(((key * 7 + plus) % 101, name) for name, plus in offers)) for key in range(keys)]
    assert [(key, seq, value) for key, value, seq, _ in lakebase.stored()] == expected
    assert len(lakebase.recorded()) == 9


def test_two_that_write_one_batch_at_the_same_time_write_it_once(lakebase: Lakebase) -> None:
    lakebase.contract = lakebase.of(EVENTS, sequence=None, delete_flag=None)
    frames = [lakebase.rows(*[(key, f"{writer}", 1, None) for key in range(50)]) for writer in range(3)]

    def write(number: int) -> int | str | None:
        try:
            return lakebase.writer.upsert(lakebase.contract, frames[number], stream=lakebase.stream, batch=0)
        except RunError as error:
            return error.code

    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(write, range(3)))
    assert 50 in outcomes
    assert lakebase.recorded() == [(lakebase.stream, 0, 50)]
    assert len({value for _, value, _, _ in lakebase.stored()}) == 1


def test_rows_that_differ_only_in_order_of_columns_are_told_by_name(lakebase: Lakebase) -> None:
    turned = lakebase.spark.createDataFrame(
        [(False, 1, "a", 7)], "is_deleted boolean, seq bigint, value string, id bigint"
    )
    lakebase.writer.upsert(lakebase.contract, turned, stream=lakebase.stream, batch=0)
    assert lakebase.stored() == [(7, "a", 1, False)]
