"""A topic that lost messages, or is another than the one that was read, is an error."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from glue_jobs.sources.source import Source, SourceError
from lakehouse.environments import Environment
from tests.glue_jobs.sources.kafka_topic import GOOD, JAN, MESSAGE_COLUMNS, Topic
from tests.glue_jobs.sources.systems import (
    PEOPLE,
    rows_of,
    source_contract,
    source_of,
    unique,
)


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
    topic: Topic, topic_source: Source
) -> None:
    topic.send(*[GOOD] * 10)
    topic.forget_before(6)
    with pytest.raises(SourceError, match="partition 0: 4 to 5") as fault:
        topic_source.plan({"offsets": {"0": 4, "1": 0}}, JAN)
    assert fault.value.code == "RUN104"
    assert rows_of(topic_source.read(None, topic_source.plan(None, JAN)).rows, "kafka_offset") == [
        ("6",),
        ("7",),
        ("8",),
        ("9",),
    ]


def test_a_topic_made_anew_is_an_error_and_not_an_empty_source(topic: Topic, topic_source: Source) -> None:
    topic.send(*[GOOD] * 3)
    position = topic_source.plan(None, JAN)
    topic.make_anew()
    with pytest.raises(SourceError, match="was the topic recreated"):
        topic_source.plan({"offsets": position["offsets"]} if position else None, JAN)
    topic.send(*[GOOD] * 9)
    with pytest.raises(SourceError, match=r"RUN144 .* was deleted and made anew: .* reset its"):
        topic_source.plan(position, JAN)
    with pytest.raises(SourceError, match="RUN144"):
        topic_source.read(None, position)
    assert topic_source.read(None, topic_source.plan(None, JAN)).rows.count() == 9
