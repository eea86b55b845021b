"""`lakehouse stats`: the figures of the audit against their targets, and costs that add up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cli.run.stats import costs_by, figures
from glue_jobs.state.run_row import Counts, RunRow, Status
from lakehouse.environments import load_environment
from tests.glue_jobs.run_harness import job

PROD = load_environment("prod")


def run(run_id: str, status: Status = Status.SUCCEEDED, name: str = "batch", **more: Any) -> RunRow:
    return RunRow(run_id, name, f"of_{name}", date(2017, 1, 31), status=status, **more)


def values(runs: list[RunRow], dead: tuple[str, ...] = ()) -> dict[str, tuple[float | None, bool | None]]:
    jobs = {"batch": job("batch", workers=3), "stream": job("stream", schedule="continuous", workers=2)}
    return {f.name: (f.value, f.met) for f in figures(runs, dead, jobs, PROD)}


def test_figures_are_held_against_their_targets() -> None:
    good = [run(f"g{i}", seconds=1800.0, cost_estimate_usd=0.5) for i in range(98)]
    counted = run("c", seconds=1800.0, tables={"silver.a": Counts(540_000)})
    shown = values([*good, counted, run("f", Status.FAILED, cost_estimate_usd=1.0), run("r", Status.RUNNING)])
    assert shown["runs that ended"] == (100, None)
    assert shown["success rate, %"] == (99.0, True)
    assert shown["average batch, minutes"] == (30.0, True)
    assert shown["rows per worker and second"] == (pytest.approx(540_000 / (99 * 1800 * 3)), None)
    assert shown["cost, USD"] == (50.0, None)
    assert shown["cost of a run, USD"] == (pytest.approx(50 / 101), None)


def test_a_dead_run_has_failed_and_a_stream_is_no_batch() -> None:
    shown = values(
        [run("a", seconds=1801.0), run("s", name="stream", seconds=9e5), run("d", Status.RUNNING)], ("d",)
    )
    assert shown["success rate, %"] == (pytest.approx(200 / 3), False)
    assert shown["average batch, minutes"] == (pytest.approx(1801 / 60), False)


def test_without_runs_nothing_is_met_or_missed() -> None:
    assert {met for _, met in values([]).values()} == {None}


@pytest.mark.parametrize("by", ["pipeline", "job", "table", "run"])
def test_costs_add_up_however_they_are_parted(by: str) -> None:
    tables = {"silver.a": Counts(3), "silver.b": Counts(1)}
    runs = [
        run("a", tables=tables, cost_estimate_usd=4.0),
        run("b", tables={"silver.b": Counts()}, cost_estimate_usd=1.0),
        run("c", name="stream", cost_estimate_usd=2.0),
    ]
    parts = costs_by(runs, by)
    assert sum(usd for *_, usd in parts) == pytest.approx(7.0)
    assert parts == sorted(parts, key=lambda part: -part[2])
    expected = {"table": ("silver.a", 1, 3.0), "pipeline": ("of_batch", 2, 5.0), "job": ("batch", 2, 5.0)}
    assert parts[0] == expected.get(by, ("a", 1, 4.0))
