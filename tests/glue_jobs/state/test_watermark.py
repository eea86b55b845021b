"""Watermarks: moved only after a commit, whatever happens in between."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glue_jobs.state.watermark import OpenWatermark, WatermarkConflictError, Watermarks, WatermarkState
from lakehouse.environments import Environment


@pytest.fixture
def key() -> str:
    return f"job/{uuid.uuid4().hex}"


def plan_batch(watermark: OpenWatermark, until: Any) -> None:
    watermark.plan_batch(until, batch_id=f"batch-{until}", run_id="run-1")


def test_new_watermark_has_no_position(aws_env: Environment, key: str) -> None:
    assert Watermarks(aws_env).read(key) == WatermarkState(key, None, None, 0)


def test_position_moves_on_commit_and_not_before(aws_env: Environment, key: str) -> None:
    watermarks = Watermarks(aws_env)
    watermark = watermarks.open(key)
    plan_batch(watermark, "2017-01-02")
    assert (watermarks.read(key).position, watermarks.read(key).pending, watermarks.read(key).batch) == (
        None,
        "2017-01-02",
        1,
    )
    watermark.commit()
    assert (watermarks.read(key).position, watermarks.read(key).pending, watermarks.read(key).batch) == (
        "2017-01-02",
        None,
        1,
    )


def test_killed_run_is_continued_with_the_same_batch(aws_env: Environment, key: str) -> None:
    watermarks = Watermarks(aws_env)
    plan_batch(watermarks.open(key), [1, 2])
    again = watermarks.open(key)
    assert (again.pending, again.batch, again.batch_id) == ([1, 2], 1, "batch-[1, 2]")
    with pytest.raises(WatermarkConflictError, match="batch 1 pending"):
        plan_batch(again, [3])
    again.commit()
    plan_batch(again, [3])
    assert again.batch == 2


@pytest.mark.parametrize("step", ["plan_batch", "commit"])
@pytest.mark.parametrize("lost", [1, 100])
def test_watermark_whose_reply_was_lost_is_moved_once(lossy: Any, key: str, step: str, lost: int) -> None:
    watermarks = Watermarks(lossy.env)
    watermark = watermarks.open(key)
    if step == "commit":
        plan_batch(watermark, 7)
    lossy.lose_replies("PutItem", times=lost)
    plan_batch(watermark, 7) if step == "plan_batch" else watermark.commit()
    assert lossy.fired
    lossy.heal()
    expected = WatermarkState(key, None, 7, 1) if step == "plan_batch" else WatermarkState(key, 7, None, 1)
    state = watermarks.read(key)
    assert (state.position, state.pending, state.batch) == (
        expected.position,
        expected.pending,
        expected.batch,
    )
    # The opened watermark is the stored one, so the run can go on.
    if step == "plan_batch":
        watermark.commit()
    plan_batch(watermark, 8)
    watermark.commit()
    assert watermarks.read(key).position == 8


def test_run_that_is_behind_cannot_move_the_watermark(aws_env: Environment, key: str) -> None:
    watermarks = Watermarks(aws_env)
    late, quick = watermarks.open(key), watermarks.open(key)
    plan_batch(quick, 1)
    with pytest.raises(WatermarkConflictError, match="moved since it was read, last by run run-1"):
        plan_batch(late, 2)
    late = watermarks.open(key)
    quick.commit()
    with pytest.raises(WatermarkConflictError):
        late.commit()
    assert watermarks.read(key).position == 1


def test_commit_without_a_batch_is_an_error(aws_env: Environment, key: str) -> None:
    with pytest.raises(WatermarkConflictError, match="no batch pending"):
        Watermarks(aws_env).open(key).commit()


def test_reset_drops_a_pending_batch_and_goes_on_counting(aws_env: Environment, key: str) -> None:
    watermarks = Watermarks(aws_env)
    watermark = watermarks.open(key)
    plan_batch(watermark, 5)
    assert watermarks.reset(key, 2) == watermarks.read(key)
    assert (watermarks.read(key).position, watermarks.read(key).pending, watermarks.read(key).batch) == (
        2,
        None,
        1,
    )
    with pytest.raises(WatermarkConflictError):
        watermark.commit()
    watermark = watermarks.open(key)
    plan_batch(watermark, 6)
    assert watermark.batch == 2


def test_watermarks_are_listed_by_the_beginning_of_their_key(aws_env: Environment, key: str) -> None:
    watermarks = Watermarks(aws_env)
    for name in ("b", "a"):
        plan_batch(watermarks.open(f"{key}/{name}"), 1)
    assert [state.key for state in watermarks.list(f"{key}/")] == [f"{key}/a", f"{key}/b"]
    assert len(list(watermarks.list())) >= 2


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
    watermarks, key = Watermarks(aws_env), uuid.uuid4().hex
    watermark = watermarks.open(key)
    plan_batch(watermark, position)
    assert watermarks.open(key).pending == position
    watermark.commit()
    assert watermarks.read(key).position == position


STEP = st.sampled_from(["open", "plan_batch", "commit", "crash", "lose"])


@OVER_HTTP
@given(st.lists(st.tuples(st.integers(0, 1), STEP), max_size=25))
def test_position_is_always_the_last_committed_batch(lossy: Any, steps: list[tuple[int, str]]) -> None:
    """Two runs in any interleaving, killed anywhere, losing replies: the store is as if only what was
    answered had happened.
    """
    watermarks, key = Watermarks(lossy.env), uuid.uuid4().hex
    position, pending, batch, until, version = None, None, 0, 0, 0
    opened: dict[int, tuple[OpenWatermark, int]] = {}
    for run, step in steps:
        if step == "lose":
            lossy.lose_replies("PutItem", times=1)
        elif step == "crash":
            opened.pop(run, None)
        elif step == "open" or run not in opened:
            opened[run] = (watermarks.open(key), version)
        else:
            watermark, version_read = opened[run]
            allowed = version_read == version and (pending is None) == (step == "plan_batch")
            until += 1
            try:
                plan_batch(watermark, until) if step == "plan_batch" else watermark.commit()
                assert allowed
                version += 1
                opened[run] = (watermark, version)
                position, pending, batch = (
                    (position, until, batch + 1) if step == "plan_batch" else (pending, None, batch)
                )
            except WatermarkConflictError:
                assert not allowed
        stored = watermarks.read(key)
        assert (stored.position, stored.pending, stored.batch) == (position, pending, batch)
