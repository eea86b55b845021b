"""Findings about row counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from glue_jobs.state.audit import Counts
from tests.lambdas.checked import JOB, ORDERS, TODAY, check, only, ran
from tests.lambdas.platform_world import World


def test_a_success_without_rows_is_a_finding_unless_that_is_usual(world: World) -> None:
    only(world, JOB)
    for back in range(1, 8):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts(100, 100)})
    ran(world, JOB, TODAY, {ORDERS: Counts(0, 0)})
    assert check(world) == {"zero_records": 1}
    assert f"{JOB} succeeded for {TODAY} and wrote no row" in world.published()[0]["What"]
    for back in (8, 9):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts()})
    assert check(world) == {}


def test_a_second_run_of_a_day_without_rows_is_no_finding(world: World) -> None:
    only(world, JOB)
    ran(world, JOB, TODAY, {ORDERS: Counts(100, 100)})
    ran(world, JOB, TODAY, {ORDERS: Counts()})
    assert check(world) == {}


@pytest.mark.parametrize(
    ("rows", "findings"), [(1004, {}), (1190, {}), (1500, {"record_count": 1}), (300, {"record_count": 1})]
)
def test_a_count_far_from_its_median_is_a_finding(world: World, rows: int, findings: dict[str, int]) -> None:
    only(world, JOB)
    # One outlier in the history moves neither median nor MAD.
    for back, usual in enumerate([1000, 1010, 990, 1005, 995, 50_000, 1002], start=1):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts(usual, usual)})
    ran(world, JOB, TODAY, {ORDERS: Counts(rows, rows)})
    assert check(world) == findings
    assert all(f"{ORDERS} {rows:,} rows, usual are 8" in message["What"] for message in world.published())


def test_a_short_history_has_no_usual_count(world: World) -> None:
    only(world, JOB)
    for back in (1, 2, 3):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts(1000, 1000)})
    ran(world, JOB, TODAY, {ORDERS: Counts(1, 1)})
    assert check(world) == {}


def test_growing_quarantine_is_a_finding(world: World) -> None:
    only(world, JOB)
    for back in range(1, 8):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts(1000, 980 + back, 20 - back, 0)})
    ran(world, JOB, TODAY, {ORDERS: Counts(1000, 900, 100, 0)})
    assert check(world) == {"error_lane": 1}
    assert f"{ORDERS} 100 of 1,000 rows" in world.published()[0]["What"]


def test_one_landing_file_that_cannot_be_read_is_a_finding(world: World) -> None:
    only(world, JOB)
    for back in range(1, 8):
        ran(world, JOB, TODAY - timedelta(days=back), {ORDERS: Counts(1000, 1000)})
    ran(world, JOB, TODAY, {ORDERS: Counts(1000, 1000, quarantined_files=1)})
    assert check(world) == {"error_lane": 1}
    assert f"{ORDERS} 1 landing files that cannot be read" in world.published()[0]["What"]
