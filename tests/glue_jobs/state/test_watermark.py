"""Watermarks: moved only after a commit, whatever happens in between."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glue_jobs.state.watermark import Mark, Reading, WatermarkConflictError, Watermarks
from lakehouse.environments import Environment


@pytest.fixture
def key() -> str:
    return f"job/{uuid.uuid4().hex}"


def pend(mark: Mark, until: Any) -> None:
    mark.pend(until, batch_id=f"batch-{until}", run_id="run-1")


def test_new_watermark_has_no_position(aws_env: Environment, key: str) -> None:
    assert Watermarks(aws_env).read(key) == Reading(key, None, None, 0)


def test_position_moves_on_commit_and_not_before(aws_env: Environment, key: str) -> None:
    marks = Watermarks(aws_env)
    mark = marks.open(key)
    pend(mark, "2017-01-02")
    assert (marks.read(key).position, marks.read(key).pending, marks.read(key).batch) == (
        None,
        "2017-01-02",
        1,
    )
    mark.commit()
    assert (marks.read(key).position, marks.read(key).pending, marks.read(key).batch) == (
        "2017-01-02",
        None,
        1,
    )


def test_killed_run_is_continued_with_the_same_batch(aws_env: Environment, key: str) -> None:
    marks = Watermarks(aws_env)
    pend(marks.open(key), [1, 2])
    again = marks.open(key)
    assert (again.pending, again.batch, again.batch_id) == ([1, 2], 1, "batch-[1, 2]")
    with pytest.raises(WatermarkConflictError, match="batch 1 pended"):
        pend(again, [3])
    again.commit()
    pend(again, [3])
    assert again.batch == 2


@pytest.mark.parametrize("step", ["pend", "commit"])
@pytest.mark.parametrize("lost", [1, 100])
def test_watermark_whose_reply_was_lost_is_moved_once(lossy: Any, key: str, step: str, lost: int) -> None:
    marks = Watermarks(lossy.env)
    mark = marks.open(key)
    if step == "commit":
        pend(mark, 7)
    lossy.lose_replies("PutItem", times=lost)
    pend(mark, 7) if step == "pend" else mark.commit()
    assert lossy.fired
    lossy.heal()
    expected = Reading(key, None, 7, 1) if step == "pend" else Reading(key, 7, None, 1)
    found = marks.read(key)
    assert (found.position, found.pending, found.batch) == (
        expected.position,
        expected.pending,
        expected.batch,
    )
    # What this run holds is what is stored: it can go on.
    if step == "pend":
        mark.commit()
    pend(mark, 8)
    mark.commit()
    assert marks.read(key).position == 8


def test_run_that_is_behind_cannot_move_the_watermark(aws_env: Environment, key: str) -> None:
    marks = Watermarks(aws_env)
    late, quick = marks.open(key), marks.open(key)
    pend(quick, 1)
    with pytest.raises(WatermarkConflictError, match="moved since it was read, last by run run-1"):
        pend(late, 2)
    late = marks.open(key)
    quick.commit()
    with pytest.raises(WatermarkConflictError):
        late.commit()
    assert marks.read(key).position == 1


def test_commit_without_a_batch_is_an_error(aws_env: Environment, key: str) -> None:
    with pytest.raises(WatermarkConflictError, match="no batch pended"):
        Watermarks(aws_env).open(key).commit()


def test_reset_drops_what_is_pended_and_goes_on_counting(aws_env: Environment, key: str) -> None:
    marks = Watermarks(aws_env)
    mark = marks.open(key)
    pend(mark, 5)
    assert marks.reset(key, 2) == marks.read(key)
    assert (marks.read(key).position, marks.read(key).pending, marks.read(key).batch) == (2, None, 1)
    with pytest.raises(WatermarkConflictError):
        mark.commit()
    mark = marks.open(key)
    pend(mark, 6)
    assert mark.batch == 2


def test_watermarks_are_listed_by_the_beginning_of_their_key(aws_env: Environment, key: str) -> None:
    marks = Watermarks(aws_env)
    for name in ("b", "a"):
        pend(marks.open(f"{key}/{name}"), 1)
    assert [found.key for found in marks.list(f"{key}/")] == [f"{key}/a", f"{key}/b"]
    assert len(list(marks.list())) >= 2


JSON = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner | st.none(), max_size=3),
    max_leaves=6,
)
OVER_HTTP = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@OVER_HTTP
@given(JSON)
def test_any_json_is_a_position(aws_env: Environment, position: Any) -> None:
    marks, key = Watermarks(aws_env), uuid.uuid4().hex
    mark = marks.open(key)
    pend(mark, position)
    assert marks.open(key).pending == position
    mark.commit()
    assert marks.read(key).position == position


STEP = st.sampled_from(["open", "pend", "commit", "crash", "lose"])


@OVER_HTTP
@given(st.lists(st.tuples(st.integers(0, 1), STEP), max_size=25))
def test_position_is_always_the_last_committed_batch(lossy: Any, steps: list[tuple[int, str]]) -> None:
    """Two runs in any interleaving, killed anywhere, losing replies: the store is as if only what was answered had happened."""
    marks, key = Watermarks(lossy.env), uuid.uuid4().hex
    position, pending, batch, until, version = None, None, 0, 0, 0
    held: dict[int, tuple[Mark, int]] = {}
    for run, step in steps:
        if step == "lose":
            lossy.lose_replies("PutItem", times=1)
        elif step == "crash":
            held.pop(run, None)
        elif step == "open" or run not in held:
            held[run] = (marks.open(key), version)
        else:
            mark, seen = held[run]
            allowed = seen == version and (pending is None) == (step == "pend")
            until += 1
            try:
                pend(mark, until) if step == "pend" else mark.commit()
                assert allowed
                version += 1
                held[run] = (mark, version)
                position, pending, batch = (
                    (position, until, batch + 1) if step == "pend" else (pending, None, batch)
                )
            except WatermarkConflictError:
                assert not allowed
        stored = marks.read(key)
        assert (stored.position, stored.pending, stored.batch) == (position, pending, batch)
