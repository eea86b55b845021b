"""A Kafka topic on a real broker."""

from __future__ import annotations

import csv
import io

import pytest
from pyspark.sql import SparkSession

from glue_jobs.sources.source import Extract, Source
from lakehouse.environments import Environment
from tests.glue_jobs.sources.kafka_topic import GOOD, JAN, Topic
from tests.glue_jobs.sources.systems import (
    AWKWARD,
    rows_of,
    source_of,
    whole,
)


def corrupt(extract: Extract) -> list[tuple[str, ...]]:
    return rows_of(extract.rows.where("_corrupt is not null"), "_corrupt", "kafka_offset", "id")


def test_messages_come_as_text_with_their_place(topic: Topic, topic_source: Source) -> None:
    topic.send(GOOD, "2,Bob,3,,2017-01-02T00:00:00Z\n", partition=1)
    extract = whole(topic_source)
    assert extract.text
    assert extract.rows.columns == [*topic.contract.column_names, "_source_position", "_corrupt"]
    assert rows_of(
        extract.rows,
        "id",
        "name",
        "amount",
        "note",
        "updated_at",
        "kafka_partition",
        "kafka_offset",
        "kafka_timestamp",
        "_source_position",
    ) == [
        (
            "1",
            "Ann",
            "2.50",
            None,
            "2017-01-01T00:00:00Z",
            "1",
            "0",
            "2017-01-01 00:00:00.123",
            f"{topic.name}-1@0",
        ),
        (
            "2",
            "Bob",
            "3",
            None,
            "2017-01-02T00:00:00Z",
            "1",
            "1",
            "2017-01-01 00:00:00.123",
            f"{topic.name}-1@1",
        ),
    ]


def test_a_batch_between_two_positions_is_the_same_again(topic: Topic, topic_source: Source) -> None:
    assert topic_source.plan(None, JAN) is None
    topic.send(GOOD)
    first = topic_source.plan(None, JAN)
    assert first is not None
    assert first["offsets"] == {"0": 1, "1": 0}
    topic.send(GOOD, GOOD)
    assert rows_of(topic_source.read(None, first).rows, "kafka_offset") == [("0",)]
    second = topic_source.plan(first, JAN)
    assert rows_of(topic_source.read(first, second).rows, "kafka_offset") == [("1",), ("2",)]
    assert topic_source.plan(second, JAN) == second


def test_an_empty_topic_has_nothing_new(topic_source: Source) -> None:
    assert topic_source.plan(None, JAN) is None


def test_one_run_takes_no_more_than_the_environment_allows(
    spark: SparkSession, local_env: Environment, topic: Topic
) -> None:
    topic.send(*[GOOD] * 30)
    topic.send(*[GOOD] * 10, partition=1)
    small = local_env.model_copy(
        update={"kafka": local_env.kafka.model_copy(update={"max_offsets_per_trigger": 8})}
    )
    topic_source = source_of(spark, small, topic.contract)
    position, rows = None, []
    while (until := topic_source.plan(position, JAN)) != position:
        batch = rows_of(topic_source.read(position, until).rows, "_source_position")
        assert 0 < len(batch) <= 8
        rows, position = rows + batch, until
    assert len(rows) == len(set(rows)) == 40


@pytest.mark.parametrize(
    "poison",
    [
        "",
        "not csv at all",
        "1,Ann,2.50",
        GOOD + ",more",
        '1,"Ann,2.50,,x',
        GOOD + "\n" + GOOD,
        '{"id": 1}',
        "\x00\x01",
    ],
    ids=["nothing", "text", "too-few", "too-many", "open-quote", "two-records", "json", "binary"],
)
def test_a_poison_message_is_kept_whole_as_corrupt_and_stops_nothing(
    topic: Topic, topic_source: Source, poison: str
) -> None:
    topic.send(GOOD, poison, GOOD)
    extract = whole(topic_source)
    assert corrupt(extract) == [(poison, "1", None)]
    assert extract.rows.count() == 3


def test_bytes_that_are_not_utf8_and_a_message_without_a_value_are_corrupt(
    topic: Topic, topic_source: Source
) -> None:
    topic.send(GOOD.encode().replace(b"Ann", b"\xff\xfe"), None)
    assert corrupt(whole(topic_source)) == [("", "1", None), (GOOD.replace("Ann", "\ufffd\ufffd"), "0", None)]


def test_quotes_line_breaks_and_awkward_text_come_unharmed(topic: Topic, topic_source: Source) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(
        [1, AWKWARD, "2", 'two\nlines "quoted"', "2017-01-01T00:00:00Z"]
    )
    topic.send(text.getvalue(), f"2,{'x' * 10_000_000},1,,2017-01-01T00:00:00Z")
    rows = whole(topic_source).rows
    assert rows_of(rows.where("id = 1"), "name", "note", "_corrupt") == [
        (AWKWARD, 'two\nlines "quoted"', None)
    ]
    assert rows_of(rows.where("id = 2").selectExpr("length(name) n"), "n") == [(10_000_000,)]


def test_only_messages_of_committed_transactions_are_read_and_the_others_are_no_loss(
    topic: Topic, topic_source: Source
) -> None:
    topic.send_in_transaction(GOOD, GOOD, commit=False)
    topic.send_in_transaction(GOOD.replace("Ann", "Bob"), commit=True)
    until = topic_source.plan(None, JAN)
    assert rows_of(topic_source.read(None, until).rows, "name", "kafka_offset") == [("Bob", "3")]
    topic.send_in_transaction(GOOD.replace("Ann", "Cid"), commit=True)
    later = topic_source.plan(until, JAN)
    assert rows_of(topic_source.read(until, later).rows, "name") == [("Cid",)]
    assert topic_source.plan(later, JAN) == later


def test_a_transaction_that_is_open_is_read_when_it_has_ended(topic: Topic, topic_source: Source) -> None:
    topic.send(GOOD)
    with topic.open_transaction(GOOD.replace("Ann", "Bob")):
        until = topic_source.plan(None, JAN)
        assert until is not None
        assert until["offsets"]["0"] == 1
    later = topic_source.plan(until, JAN)
    assert rows_of(topic_source.read(until, later).rows, "name") == [("Bob",)]


def test_a_partition_that_is_new_is_read_from_its_beginning(topic: Topic, topic_source: Source) -> None:
    topic.send(GOOD)
    position = topic_source.plan(None, JAN)
    topic.add_partition()
    topic.send(GOOD, partition=2)
    until = topic_source.plan(position, JAN)
    assert rows_of(topic_source.read(position, until).rows, "_source_position") == [(f"{topic.name}-2@0",)]
    # A batch that was planned before the partition is still the same batch.
    assert rows_of(topic_source.read(None, position).rows, "_source_position") == [(f"{topic.name}-0@0",)]
