"""Only the days of a backfill are read: by the watermark column, by folders, by the times of messages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from confluent_kafka import Producer
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.incremental import IncrementalTable
from glue_jobs.sources.registry import source_for
from glue_jobs.sources.window import WindowedSource
from lakehouse.environments import Environment
from lakehouse.pipelines.backfill import BackfillWindow
from tests.glue_jobs.sources.systems import rows_of, source_contract
from tests.glue_jobs.sources.test_incremental import Memory
from tests.glue_jobs.sources.test_kafka import Topic

JAN_3, JAN_5, JAN_9 = date(2017, 1, 3), date(2017, 1, 5), date(2017, 1, 9)
WINDOW = BackfillWindow("b-1234", JAN_3, JAN_5)


def windowed(table: Memory, first: date, last: date) -> WindowedSource:
    source = IncrementalTable(source_contract("snowflake", "A.B.C", overlap_minutes=60), table)
    return WindowedSource(source, lambda: source.before(first), last)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_a_window_ends_with_its_last_day_however_late_the_run() -> None:
    table = Memory([noon(JAN_3), noon(JAN_5), noon(JAN_9)])
    assert windowed(table, JAN_3, JAN_5).plan(None, JAN_9) == {
        "high": noon(JAN_5).isoformat(),
        "overlap_rows": 1,
    }


def test_day_after_day_a_run_reads_to_the_end_of_its_day() -> None:
    source = windowed(Memory([noon(JAN_3), noon(JAN_5)]), JAN_3, JAN_5)
    first = source.plan(None, JAN_3)
    assert first == {"high": noon(JAN_3).isoformat(), "overlap_rows": 1}
    assert source.plan(first, date(2017, 1, 4)) is first
    assert source.plan(first, JAN_5) == {"high": noon(JAN_5).isoformat(), "overlap_rows": 1}


def test_a_window_without_rows_has_no_batch() -> None:
    assert windowed(Memory([noon(JAN_9)]), JAN_3, JAN_5).plan(None, JAN_9) is None
    before = Memory([noon(date(2017, 1, 2))])
    assert windowed(before, JAN_3, JAN_5).plan(None, JAN_9) is None


@given(
    st.lists(st.datetimes(datetime(2017, 1, 1), datetime(2017, 1, 12)), max_size=12),
    st.integers(0, 8),
    st.integers(0, 4),
)
def test_the_batches_of_a_window_hold_exactly_its_rows(moments: list[Any], start: int, length: int) -> None:
    first = date(2017, 1, 1) + timedelta(days=start)
    last = first + timedelta(days=length)
    stamps = [moment.replace(tzinfo=UTC) for moment in moments]
    source = windowed(Memory(list(stamps)), first, last)
    read: set[datetime] = set()
    position = None
    for number in range(length + 3):
        until = source.plan(position, first + timedelta(days=number))
        if until != position:
            low = datetime.fromisoformat((source.begin(position) or {})["high"])
            high = datetime.fromisoformat((until or {})["high"])
            read |= {stamp for stamp in stamps if low < stamp <= high}
            position = until
    assert read == {stamp for stamp in stamps if first <= stamp.date() <= last}


def test_messages_are_read_by_their_times_in_every_partition(
    spark: SparkSession, local_env: Environment
) -> None:
    topic = Topic(local_env)
    producer = Producer(topic._facts)
    for number, day in enumerate([1, 3, 4, 5, 9], start=1):
        stamp = int(noon(date(2017, 1, day)).timestamp() * 1000)
        value = f"{number},Ann,2.50,,2017-01-01T00:00:00Z"
        producer.produce(topic.name, value=value, partition=number % 2, timestamp=stamp)
    producer.flush(20)
    source = source_for(topic.contract, local_env, spark, Secrets(local_env), clients(local_env), "", WINDOW)
    first = source.plan(None, JAN_3)
    assert rows_of(source.read(None, first).rows, "id") == [("2",)]
    rest = source.plan(first, JAN_9)
    assert rows_of(source.read(first, rest).rows, "id") == [("3",), ("4",)]
    assert source.plan(rest, JAN_9) is rest
