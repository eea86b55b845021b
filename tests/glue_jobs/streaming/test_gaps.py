"""Offsets that never came are found and reported, without a second reading of a batch that has none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glue_jobs.streaming import gaps
from glue_jobs.streaming.checkpoint import Offsets
from tests.glue_jobs.builders import frame
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import row


def test_offsets_that_never_came_are_named_in_the_lane_and_no_row_is_counted_for_them(
    feed: TopicHarness, caplog: pytest.LogCaptureFixture
) -> None:
    bronze = feed.contract()
    feed.send(*[row(i) for i in range(1, 18)])
    feed.transaction(row(90), row(91), commit=False)
    feed.send(row(18), "poison")
    run = feed.drain(bronze)
    assert (run.counts[bronze.table].rows_in, run.counts[bronze.table].written) == (19, 18)
    assert feed.reasons(bronze) == {
        "-0@17": ["offsets 17 to 19 of partition 0 are missing"],
        "-0@21": ["format: the line cannot be read"],
    }
    assert "offsets are missing: offsets 17 to 19 of partition 0 are missing" in caplog.text
    feed.transaction(row(20), row(21))
    feed.drain(bronze)
    assert feed.reasons(bronze)["-0@24"] == ["offset 24 of partition 0 is missing"]
    assert feed.rows(bronze, "id")[-1] == (9,)
    assert (90,) not in feed.rows(bronze, "id")


def test_a_topic_without_gaps_has_none(feed: TopicHarness) -> None:
    bronze = feed.contract()
    feed.send(row(1), row(2))
    feed.send(row(3), partition=1)
    feed.drain(bronze)
    feed.send(row(4))
    feed.drain(bronze)
    assert feed.reasons(bronze) == {}


class Model:
    """What is missing, by sets."""

    def __init__(self, spans: list[tuple[int, set[int]]]) -> None:
        self.begin: Offsets = {p: begin for p, (begin, _) in enumerate(spans)}
        self.until: Offsets = {p: begin + 12 for p, (begin, _) in enumerate(spans)}
        self.there = [
            (p, begin + i) for p, (begin, gone) in enumerate(spans) for i in range(12) if i not in gone
        ]
        self.missing = {(p, begin + i) for p, (begin, gone) in enumerate(spans) for i in gone}


spans = st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 11))), min_size=1, max_size=3)


@settings(max_examples=8, deadline=None)
@given(spans.map(Model))
def test_every_gap_is_found_and_nothing_else(spark: SparkSession, model: Model) -> None:
    rows = frame(spark, "_partition int, _offset bigint", *model.there)
    offsets: set[tuple[int, int]] = set()
    for position, reason in gaps.find(rows, "t", model.begin, model.until):
        partition, first = (int(x) for x in position.removeprefix("t-").split("@"))
        words: list[Any] = reason.replace(" to ", " ").split()
        last = int(words[2]) if words[0] == "offsets" else first
        assert f"partition {partition} " in reason
        offsets |= {(partition, o) for o in range(first, last + 1)}
    assert offsets == model.missing
    assert gaps.expected_messages(model.begin, model.until) - len(model.there) == len(model.missing)
