"""Rows in any order and writers at the same time leave the newest row of each key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.errors import RunError
from tests.glue_jobs.warehouses.lakebase import EVENTS, Event, Lakebase

few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def above(value: object) -> tuple[bool, object]:
    """In the rule of ties null is above all."""
    return (True, 0) if value is None else (False, value)


def age(event: Event) -> tuple[object, ...]:
    _, value, seq, deleted = event
    return (seq is not None, seq or 0, above(value), above(deleted))


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
            newest[event[0]] = max(newest.get(event[0], event), event, key=age)
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
