"""A gate stores its results and alerts before it remembers that a table has passed."""

from __future__ import annotations

from dataclasses import replace as replace_fields
from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.job_types import gate as gate_module
from glue_jobs.job_types import gate_results
from glue_jobs.job_types.gate import Gate
from glue_jobs.quality.gate import GateFailedError
from glue_jobs.tables.target import replace
from lakehouse.contracts import Suite
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs.builders import contract, local_frame, target
from tests.glue_jobs.job_types.gate_harness import DDL, GateHarness
from tests.glue_jobs.quality.helpers import rule
from tests.glue_jobs.run_harness import job, schemas


class KilledError(BaseException):
    """The process ends here."""


@pytest.fixture
def harness(local_env: Environment, spark: SparkSession) -> GateHarness:
    of = GateHarness(local_env, spark)
    for c in of.tables:
        of.fill(c, (1, "x", None))
    return of


def test_tables_that_pass_are_remembered_and_judged_once(harness: GateHarness) -> None:
    run = harness.context("critical", "critical")
    Gate().execute(run)
    assert harness.stored() == [(run.run_id, c.table, True) for c in harness.tables]
    assert harness.documents(run) == [True, True]
    again = harness.context("critical", "critical")
    Gate().execute(again)
    assert len(harness.stored()) == 2
    assert [counts.rows_in for counts in again.counts.values()] == [0, 0]
    assert again.unchanged.keys() == again.counts.keys()


def test_a_forced_table_is_judged_whole_again_and_the_other_is_unchanged(harness: GateHarness) -> None:
    Gate().execute(harness.context("critical", "critical"))
    forced, other = (c.table for c in harness.tables)
    again = replace_fields(harness.context("critical", "critical"), force=frozenset({forced}))
    Gate().execute(again)
    assert [(run_id, table) for run_id, table, _ in harness.stored()].count((again.run_id, forced)) == 1
    assert again.counts[forced].rows_in == 1
    assert list(again.unchanged) == [other]


def test_a_table_that_fails_stops_the_pipeline_and_is_judged_again(harness: GateHarness) -> None:
    bad, good = harness.tables
    harness.fill(bad, (2, None, None))
    runs = [harness.context("critical", "critical") for _ in range(2)]
    for run in runs:
        with pytest.raises(GateFailedError, match=rf"All results: .*, run_id {run.run_id}"):
            Gate().execute(run)
    assert (harness.passed(bad), harness.passed(good)) == (False, True)
    of_bad = [(run_id, success) for run_id, table, success in harness.stored() if table == bad.table]
    assert sorted(of_bad) == sorted((run.run_id, False) for run in runs)
    assert [run.critical_failures for run in runs] == [1, 1]


@pytest.mark.parametrize("killed_in", ["store", "alert"])
def test_a_killed_gate_is_finished_by_the_next_and_stores_its_results_once(
    harness: GateHarness, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    """The process ends right after the results are stored, or right after the alert is sent."""
    warned, _ = harness.tables
    harness.fill(warned, (2, None, None))
    alerts: list[str] = []
    store = gate_results.store

    def alert(env: Environment, subject: str, body: Any) -> bool:
        alerts.append(subject)
        if killed_in == "alert" and len(alerts) == 1:
            raise KilledError
        return True

    def store_and_end(*arguments: Any) -> None:
        store(*arguments)
        raise KilledError

    killed, restarted = (harness.context("warn", "critical") for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(gate_module, "alert", alert)
        if killed_in == "store":
            patch.setattr(gate_results, "store", store_and_end)
        with pytest.raises(KilledError):
            Gate().execute(killed)
        assert not any(harness.passed(c) for c in harness.tables)
        if killed_in == "store":
            patch.setattr(gate_results, "store", store)
        Gate().execute(restarted)
    assert [(run_id, table) for run_id, table, _ in harness.stored()] == [
        (killed.run_id, c.table) for c in harness.tables
    ]
    assert len(alerts) == (1 if killed_in == "store" else 2)
    # The audit keeps what the run warned of.
    assert [warning.partition("(")[0] for warning in restarted.warnings] == [
        f"{warned.table}: expect_column_values_to_not_be_null"
    ]
    assert all(harness.passed(c) for c in harness.tables)


def test_a_table_that_cannot_be_read_keeps_no_other_from_its_results(harness: GateHarness) -> None:
    run = harness.context("critical", "critical")
    missing, good = harness.tables
    empty = f"silver.{harness.name}_missing"
    suites = {
        **run.schemas.suites,
        empty: Suite(
            table=empty, expectations=[rule("expect_table_to_be_fresh", column="changed_at", max_age_days=1)]
        ),
    }
    run.schemas = schemas(*harness.tables, contract(empty), suites=suites)
    run.job = job(harness.name, reads=(empty, missing.table, good.table), type=JobType.GATE)
    with pytest.raises(RunError, match=f"RUN201 table {empty} does not exist"):
        Gate().execute(run)
    assert [table for _, table, _ in harness.stored()] == [missing.table, good.table]
    assert harness.passed(good)
    # The plan is not left for the next run: the table may exist by then.
    harness.fill(contract(empty), (1, "x", None))
    later = harness.context("critical", "critical")
    later.schemas, later.job = run.schemas, run.job
    with pytest.raises(GateFailedError):
        Gate().execute(later)


def test_the_leftover_of_another_date_is_stored_and_decides_nothing(
    harness: GateHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _ = harness.tables
    harness.fill(bad, (2, None, None))

    def end(*arguments: Any) -> None:
        raise KilledError

    killed = harness.context("critical", "critical")
    with monkeypatch.context() as patch:
        patch.setattr(gate_results, "store", end)
        with pytest.raises(KilledError):
            Gate().execute(killed)
    uri = names.table_uri(harness.env, bad.table)
    mended = local_frame(harness.spark, DDL, (2, "mended", None))
    replace(target(harness.spark, harness.env, bad, 3, uri=uri), mended)
    later = harness.context("critical", "critical", run_date=date(2017, 2, 1))
    Gate().execute(later)
    assert (killed.run_id, bad.table, False) in harness.stored()
    assert (later.run_id, bad.table, True) in harness.stored()
    assert later.critical_failures == 0
