"""The quick way of reading messages takes none for sound that is not, and reads no time as another."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime

from pyspark.sql import SparkSession

from glue_jobs.streaming.fast_json import NEEDS_REPARSE, fast_json_parser
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import row

USUAL = ("2017-01-31T10:00:00Z", "2017-01-31T10:00:00.5Z", "2017-01-31T10:00:00.123456Z")
# Each would be a time to Spark if its last character were not there.
SLY = (
    "2017-01-31T10:00:00.GMT0Z",
    "2017-01-31T10:00:00.+5Z",
    "2017-01-31T10:00:00.5+01Z",
    "2017-01-31T10:00:0ZZ",
    "2017-01-31T10:00:00.Z",
    "2017-01-31T10:00:00.5 Z",
    "2017-01-31T10:00:00.1234567Z",
    "2017-02-30T10:00:00Z",
    "2017-01-31T25:00:00Z",
    "2017-01-31T10:00:00+01Z",
)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z", re.ASCII)


def bent(chance: random.Random, text: str) -> str:
    """A few characters are others, too many, or gone."""
    letters = list(text)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(letters))
        letters[at : at + chance.choice((0, 1, 1))] = chance.choice(("", *"0123456789ZT:-+. UGMé٣"))
    return "".join(letters)


def time_of(text: str) -> datetime | None:
    """By Python's own reader."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if ISO.fullmatch(text) else None
    except ValueError:
        return None


def test_a_time_of_the_usual_shape_is_read_and_every_other_is_marked(
    feed: TopicHarness, spark: SparkSession
) -> None:
    chance = random.Random(2017)
    texts = [*USUAL, *SLY, *(bent(chance, chance.choice(USUAL)) for _ in range(20_000))]
    sent = [{**row(1), "changed_at": text} for text in texts]
    messages = spark.createDataFrame(
        [("t", 0, at, datetime(2017, 1, 1), json.dumps(one).encode()) for at, one in enumerate(sent)],
        "topic string, partition int, offset bigint, timestamp timestamp, value binary",
    )
    rows = (
        fast_json_parser(feed.contract(), 1_000_000)(messages)
        .where(f"{NEEDS_REPARSE} is null")
        .select("_offset", "changed_at")
        .collect()
    )
    read = {texts[r["_offset"]]: r["changed_at"].astimezone(UTC) for r in rows}
    assert read == {text: time for text in texts if (time := time_of(text))}
    assert set(USUAL) <= read.keys()


def test_a_message_with_a_field_in_another_case_is_read_again(
    feed: TopicHarness, spark: SparkSession
) -> None:
    usual = row(1)
    other = {(key.upper() if key == "changed_at" else key): value for key, value in usual.items()}
    messages = spark.createDataFrame(
        [
            ("t", 0, at, datetime(2017, 1, 1), json.dumps(one).encode())
            for at, one in enumerate([usual, other])
        ],
        "topic string, partition int, offset bigint, timestamp timestamp, value binary",
    )
    rows = fast_json_parser(feed.contract(), 1_000_000)(messages).orderBy("_offset").collect()
    assert [one[NEEDS_REPARSE] is not None for one in rows] == [False, True]
