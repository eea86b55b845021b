"""A Kafka topic on a real broker."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pyspark.sql import SparkSession

from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.kafka_offsets import client_settings
from glue_jobs.sources.source import Extract, Source, SourceError
from lakehouse.contracts import SourcedContract
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import (
    AWKWARD,
    PEOPLE,
    rows_of,
    source_contract,
    source_of,
    unique,
    whole,
)

JAN = date(2017, 1, 31)
MESSAGE_COLUMNS = {
    "kafka_topic": {"type": "string"},
    "kafka_partition": {"type": "integer", "x-lake": {"type": "int"}},
    "kafka_offset": {"type": "integer"},
    "kafka_timestamp": {"type": "string", "format": "date-time"},
}
GOOD = "1,Ann,2.50,,2017-01-01T00:00:00Z"


class Topic:
    """A topic of one test with two partitions."""

    def __init__(self, env: Environment) -> None:
        self.env, self.name = env, unique("people")
        self._facts = client_settings(Secrets(env).get("kafka")).client
        self._admin = AdminClient(self._facts)
        self._admin.create_topics([NewTopic(self.name, num_partitions=2, replication_factor=1)])[
            self.name
        ].result(20)

    @property
    def contract(self) -> SourcedContract:
        return source_contract("kafka", self.name, "csv", {**PEOPLE, **MESSAGE_COLUMNS})

    def send(self, *values: bytes | str | None, partition: int = 0) -> None:
        producer = Producer({**self._facts, "message.max.bytes": 16_000_000})
        for value in values:
            producer.produce(self.name, value=value, partition=partition, timestamp=1_483_228_800_123)
        assert producer.flush(20) == 0

    @contextmanager
    def open_transaction(self, *values: str, commit: bool = True) -> Iterator[None]:
        """Sends messages in a transaction that ends with the block."""
        producer = Producer({**self._facts, "transactional.id": unique("writer")})
        producer.init_transactions(20)
        producer.begin_transaction()
        for value in values:
            producer.produce(self.name, value=value, partition=0)
        assert producer.flush(20) == 0
        yield
        producer.commit_transaction(20) if commit else producer.abort_transaction(20)

    def send_in_transaction(self, *values: str, commit: bool) -> None:
        with self.open_transaction(*values, commit=commit):
            pass

    def forget_before(self, offset: int) -> None:
        for future in self._admin.delete_records([TopicPartition(self.name, 0, offset)]).values():
            future.result(20)

    def make_anew(self) -> None:
        self._admin.delete_topics([self.name])[self.name].result(20)
        for _ in range(50):
            try:
                self._admin.create_topics([NewTopic(self.name, num_partitions=2, replication_factor=1)])[
                    self.name
                ].result(20)
            except Exception:  # the old one is still going
                continue
            return

    def add_partition(self) -> None:
        from confluent_kafka.cimpl import NewPartitions

        self._admin.create_partitions([NewPartitions(self.name, 3)])[self.name].result(20)


@pytest.fixture
def topic(local_env: Environment) -> Topic:
    return Topic(local_env)


@pytest.fixture
def source(spark: SparkSession, local_env: Environment, topic: Topic) -> Source:
    return source_of(spark, local_env, topic.contract)


def corrupt(extract: Extract) -> list[tuple[str, ...]]:
    return rows_of(extract.rows.where("_corrupt is not null"), "_corrupt", "kafka_offset", "id")


def test_messages_come_as_text_with_their_place(topic: Topic, source: Source) -> None:
    topic.send(GOOD, "2,Bob,3,,2017-01-02T00:00:00Z\n", partition=1)
    extract = whole(source)
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


def test_a_batch_between_two_positions_is_the_same_again(topic: Topic, source: Source) -> None:
    assert source.plan(None, JAN) is None
    topic.send(GOOD)
    first = source.plan(None, JAN)
    assert first is not None
    assert first["offsets"] == {"0": 1, "1": 0}
    topic.send(GOOD, GOOD)
    assert rows_of(source.read(None, first).rows, "kafka_offset") == [("0",)]
    second = source.plan(first, JAN)
    assert rows_of(source.read(first, second).rows, "kafka_offset") == [("1",), ("2",)]
    assert source.plan(second, JAN) == second


def test_an_empty_topic_has_nothing_new(source: Source) -> None:
    assert source.plan(None, JAN) is None


def test_one_run_takes_no_more_than_the_environment_allows(
    spark: SparkSession, local_env: Environment, topic: Topic
) -> None:
    topic.send(*[GOOD] * 30)
    topic.send(*[GOOD] * 10, partition=1)
    small = local_env.model_copy(
        update={"kafka": local_env.kafka.model_copy(update={"max_offsets_per_trigger": 8})}
    )
    source = source_of(spark, small, topic.contract)
    position, rows = None, []
    while (until := source.plan(position, JAN)) != position:
        batch = rows_of(source.read(position, until).rows, "_source_position")
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
    topic: Topic, source: Source, poison: str
) -> None:
    topic.send(GOOD, poison, GOOD)
    extract = whole(source)
    assert corrupt(extract) == [(poison, "1", None)]
    assert extract.rows.count() == 3


def test_bytes_that_are_not_utf8_and_a_message_without_a_value_are_corrupt(
    topic: Topic, source: Source
) -> None:
    topic.send(GOOD.encode().replace(b"Ann", b"\xff\xfe"), None)
    assert corrupt(whole(source)) == [("", "1", None), (GOOD.replace("Ann", "\ufffd\ufffd"), "0", None)]


def test_quotes_line_breaks_and_awkward_text_come_unharmed(topic: Topic, source: Source) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(
        [1, AWKWARD, "2", 'two\nlines "quoted"', "2017-01-01T00:00:00Z"]
    )
    topic.send(text.getvalue(), f"2,{'x' * 10_000_000},1,,2017-01-01T00:00:00Z")
    rows = whole(source).rows
    assert rows_of(rows.where("id = 1"), "name", "note", "_corrupt") == [
        (AWKWARD, 'two\nlines "quoted"', None)
    ]
    assert rows_of(rows.where("id = 2").selectExpr("length(name) n"), "n") == [(10_000_000,)]


def test_a_topic_that_does_not_exist_is_an_error_and_is_not_made(
    spark: SparkSession, local_env: Environment
) -> None:
    missing = source_of(
        spark, local_env, source_contract("kafka", unique("typo"), "csv", {**PEOPLE, **MESSAGE_COLUMNS})
    )
    for _ in range(2):
        with pytest.raises(SourceError, match="has no topic 'typo_") as fault:
            missing.plan(None, JAN)
        assert fault.value.code == "RUN103"


def test_messages_that_expired_before_they_were_read_are_an_error_that_counts_them(
    topic: Topic, source: Source
) -> None:
    topic.send(*[GOOD] * 10)
    topic.forget_before(6)
    with pytest.raises(SourceError, match="partition 0: 4 to 5") as fault:
        source.plan({"offsets": {"0": 4, "1": 0}}, JAN)
    assert fault.value.code == "RUN104"
    assert rows_of(source.read(None, source.plan(None, JAN)).rows, "kafka_offset") == [
        ("6",),
        ("7",),
        ("8",),
        ("9",),
    ]


def test_a_topic_made_anew_is_an_error_and_not_an_empty_source(topic: Topic, source: Source) -> None:
    topic.send(*[GOOD] * 3)
    position = source.plan(None, JAN)
    topic.make_anew()
    with pytest.raises(SourceError, match="was the topic recreated"):
        source.plan({"offsets": position["offsets"]} if position else None, JAN)
    topic.send(*[GOOD] * 9)
    with pytest.raises(SourceError, match=r"RUN144 .* was deleted and made anew: .* reset its"):
        source.plan(position, JAN)
    with pytest.raises(SourceError, match="RUN144"):
        source.read(None, position)
    assert source.read(None, source.plan(None, JAN)).rows.count() == 9


def test_only_messages_of_committed_transactions_are_read_and_the_others_are_no_loss(
    topic: Topic, source: Source
) -> None:
    topic.send_in_transaction(GOOD, GOOD, commit=False)
    topic.send_in_transaction(GOOD.replace("Ann", "Bob"), commit=True)
    until = source.plan(None, JAN)
    assert rows_of(source.read(None, until).rows, "name", "kafka_offset") == [("Bob", "3")]
    topic.send_in_transaction(GOOD.replace("Ann", "Cid"), commit=True)
    later = source.plan(until, JAN)
    assert rows_of(source.read(until, later).rows, "name") == [("Cid",)]
    assert source.plan(later, JAN) == later


def test_a_transaction_that_is_open_is_read_when_it_has_ended(topic: Topic, source: Source) -> None:
    topic.send(GOOD)
    with topic.open_transaction(GOOD.replace("Ann", "Bob")):
        until = source.plan(None, JAN)
        assert until is not None
        assert until["offsets"]["0"] == 1
    later = source.plan(until, JAN)
    assert rows_of(source.read(until, later).rows, "name") == [("Bob",)]


def test_a_partition_that_is_new_is_read_from_its_beginning(topic: Topic, source: Source) -> None:
    topic.send(GOOD)
    position = source.plan(None, JAN)
    topic.add_partition()
    topic.send(GOOD, partition=2)
    until = source.plan(position, JAN)
    assert rows_of(source.read(position, until).rows, "_source_position") == [(f"{topic.name}-2@0",)]
    # A batch that was planned before the partition is still the same batch.
    assert rows_of(source.read(None, position).rows, "_source_position") == [(f"{topic.name}-0@0",)]
