"""Several tables at a time: all are tried, and every error is reported."""

from __future__ import annotations

import threading

import pytest

from glue_jobs.job_types.concurrency import AT_ONCE, run_concurrently
from glue_jobs.observability import logs


def test_tables_are_worked_on_at_the_same_time() -> None:
    meeting = threading.Barrier(AT_ONCE, timeout=10)

    def act(table: str) -> None:
        meeting.wait()

    run_concurrently(act, [f"t{i}" for i in range(AT_ONCE)])
    assert not meeting.broken


def test_every_table_is_tried_and_the_first_error_names_the_others() -> None:
    tried: list[str] = []

    def act(table: str) -> None:
        tried.append(table)
        if table != "b":
            raise ValueError(f"{table} failed")

    with pytest.raises(ValueError, match="a failed") as caught:
        run_concurrently(act, ["a", "b", "c"])
    assert sorted(tried) == ["a", "b", "c"]
    assert caught.value.__notes__ == ["also: c failed"]


def test_the_fields_of_the_run_reach_every_thread() -> None:
    seen: list[object] = []
    with logs.bound(run_id="r-1"):
        run_concurrently(lambda table: seen.append((logs._bound.get() or {}).get("run_id")), ["a", "b"])
    assert seen == ["r-1", "r-1"]
