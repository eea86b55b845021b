"""When a continuous job is started again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lakehouse.pipelines.model import Retry
from mwaa_dags.streams import restart_decision
from tests.mwaa_dags.glue_runs import NOW, ended

RETRY = Retry(5, 300)


@pytest.mark.parametrize("state", ["STARTING", "RUNNING", "STOPPING", "WAITING"])
def test_a_running_stream_is_not_started(state: str) -> None:
    assert restart_decision([ended(state, 0), ended("FAILED", 5)], RETRY, NOW).running


def test_a_stream_without_runs_is_started_at_once() -> None:
    decision = restart_decision([], RETRY, NOW)
    assert (decision.running, decision.wait) == (False, timedelta(0))


def test_the_wait_doubles_with_each_failure_in_a_row_up_to_an_hour() -> None:
    waits = [restart_decision([ended("FAILED", 0)] * n, RETRY, NOW).wait for n in range(1, 7)]
    assert [wait.total_seconds() / 60 for wait in waits] == [5, 10, 20, 40, 60, 60]
    assert restart_decision([ended("FAILED", 4)], RETRY, NOW).wait == timedelta(minutes=1)
    assert restart_decision([ended("FAILED", 6)], RETRY, NOW).wait == timedelta(0)


@pytest.mark.parametrize(
    "healthy", [ended("STOPPED", 9), ended("SUCCEEDED", 9), ended("FAILED", 9, lasted=600)]
)
def test_a_long_or_successful_run_resets_the_count_of_failures(healthy: dict[str, Any]) -> None:
    runs = [ended("FAILED", 0), healthy, ended("FAILED", 20)]
    assert restart_decision(runs, RETRY, NOW).failures == 1
    assert restart_decision(runs[1:], RETRY, NOW).wait == timedelta(0)
