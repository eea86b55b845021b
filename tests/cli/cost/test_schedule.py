"""What runs is paid by its starts, its workers and its seconds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cli.cost.month import CostLine, Group
from cli.cost.schedule import execution_lines, run_lines, starts_in_a_month
from infra.facts import Facts, read_facts
from lakehouse.environments.prices import load_prices


@pytest.mark.parametrize(
    ("schedule", "starts"),
    [("0 2 * * *", 365 / 12), ("*/5 * * * *", 288 * 365 / 12), ("0 0 1 1 *", 1 / 12), ("0 0 * * 1", 52 / 12)],
)
def test_starts_of_a_schedule_are_those_of_a_twelfth_of_a_year(schedule: str, starts: float) -> None:
    assert starts_in_a_month(schedule) == pytest.approx(starts, abs=0.1)


def _glue_jobs(facts: Facts, worker: str, workers: int) -> dict[str, Any]:
    return {f"job_{job.name}": {"worker_type": worker, "number_of_workers": workers} for job in facts.jobs}


def _line(lines: list[CostLine], name: str) -> CostLine:
    return next(line for line in lines if line.name == name and line.resource_type == "aws_glue_job")


def test_a_run_is_paid_by_the_seconds_of_the_audit_and_else_by_assumed_ones() -> None:
    facts = read_facts("staging")
    jobs = _glue_jobs(facts, "G.2X", 3)
    lines = list(run_lines(facts, jobs, load_prices(), {"bronze_to_silver": 600.0}))
    measured = _line(lines, "bronze_to_silver")
    assert measured.usd == pytest.approx(365 / 12 * 600 / 3600 * 3 * 2 * 0.44)
    assert "by the audit" in measured.basis
    assert "180 s, assumed" in _line(lines, "silver_to_gold").basis


def test_a_short_run_is_paid_for_the_least_that_glue_asks() -> None:
    facts = read_facts("staging")
    lines = list(run_lines(facts, _glue_jobs(facts, "G.1X", 2), load_prices(), {"bronze_to_silver": 5.0}))
    assert _line(lines, "bronze_to_silver").quantity == pytest.approx(365 / 12 * 60 / 3600 * 2)


def test_a_continuous_stream_is_paid_day_and_night() -> None:
    facts = read_facts("staging")
    lines = list(run_lines(facts, _glue_jobs(facts, "G.1X", 2), load_prices(), {}))
    stream = _line(lines, "kafka_to_lakebase")
    assert (stream.group, stream.basis) == (Group.STREAMS, "day and night")
    assert stream.usd == pytest.approx(730 * 2 * 0.44)


def test_a_stream_that_starts_by_schedule_is_paid_by_its_runs() -> None:
    facts = read_facts("staging")
    streams = facts.env.streams.model_copy(update={"trigger": "available_now", "starts": "0 6 * * *"})
    facts = replace(facts, env=facts.env.model_copy(update={"streams": streams}))
    lines = list(run_lines(facts, _glue_jobs(facts, "G.025X", 2), load_prices(), {}))
    assert _line(lines, "kafka_to_lakebase").usd == pytest.approx(365 / 12 * 180 / 3600 * 2 * 0.25 * 0.44)


def test_a_state_machine_is_paid_by_its_states_and_starts() -> None:
    facts = read_facts("staging")
    branch = {"States": {"job": {"Type": "Task"}, "skipped": {"Type": "Pass"}}}
    states = {"Logical date": {"Type": "Pass"}, "Beside": {"Type": "Parallel", "Branches": [branch, branch]}}
    machines = {
        f"state_machine_{dag.dag_id}": {"definition": json.dumps({"States": states})} for dag in facts.dags
    }
    lines = {line.name: line for line in execution_lines(facts, machines, load_prices())}
    assert set(lines) == {dag.dag_id for dag in facts.dags}
    daily, stream = lines["retail_daily"], lines["kafka_to_lakebase"]
    assert (daily.group, stream.group) == (Group.SCHEDULE, Group.STREAMS)
    assert daily.usd == pytest.approx(365 / 12 * 6 * 0.000025)
    assert stream.usd == pytest.approx(288 * 365 / 12 * 6 * 0.000025)


def test_an_environment_with_airflow_pays_for_no_state_machine() -> None:
    assert list(execution_lines(read_facts("staging"), {}, load_prices())) == []
