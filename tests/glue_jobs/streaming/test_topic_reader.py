"""How a batch of a topic is shared out among the cores."""

from __future__ import annotations

import pytest

from glue_jobs.streaming.topic_reader import _pieces


@pytest.mark.parametrize(
    ("partitions", "cores", "pieces"),
    [(2, 2, 2), (1, 2, 2), (3, 2, 6), (2, 8, 8), (5, 2, 5), (64, 2, 64), (1, 3, 3)],
)
def test_as_many_tasks_read_a_batch_as_keep_every_core_busy(partitions: int, cores: int, pieces: int) -> None:
    assert _pieces(partitions, cores) == pieces
