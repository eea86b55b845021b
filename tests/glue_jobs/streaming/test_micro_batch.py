"""A micro-batch that was killed is written once."""

from __future__ import annotations

import pytest

from glue_jobs.errors import RunError
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import lease
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.glue_jobs.streaming.topic_rows import row


@pytest.mark.parametrize("killed", ["after the table's commit", "before it"])
def test_a_batch_that_was_killed_is_done_again_and_nothing_stands_twice(
    feed: TopicHarness, killed: str
) -> None:
    bronze = feed.contract()
    feed.send(row(1), "poison", row(2))
    if killed == "after the table's commit":
        feed.drain(bronze)
        feed.forget(bronze, "commits/0")
    else:
        # Its lease was lost in mid-batch: the offsets are noted, and nothing is written.
        with pytest.raises(RunError, match=r"RUN020"), lease(feed.env, bronze.table, "somebody-else"):
            feed.drain(bronze, env=feed.env.model_copy(update={"lease_wait_seconds": 0}))
    feed.send(row(3))
    assert feed.drain(bronze).counts[bronze.table] == Counts(4, 3, 1)
    assert feed.rows(bronze, "id", "kafka_offset") == [(1, 0), (2, 2), (3, 3)]
    assert list(feed.reasons(bronze)) == ["-0@1"]
    assert len(feed.lane(bronze)) == 1
