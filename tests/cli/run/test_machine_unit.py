"""Where there is no Airflow, `lakehouse run --pipeline` starts the state machine of a DAG and follows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cli.run import deployed
from cli.run.deployed import run_deployed
from cli.run.outcome import Outcome
from cli.run.request import JobsRequest
from glue_jobs.state.run_row import RunRow, Status
from infra.facts import Facts, read_facts
from tests.infra.executions import Executions, executions, without_airflow

DAY = date(2017, 1, 31)
DAG, JOBS = "customer_features", ["build_customer_features", "dq_features_gate"]
# Later than any execution of this test begins.
LATER = "2999-01-01T00:00:00.000+00:00"


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Facts:
    """Those of dev without Airflow, in moto's account."""
    monkeypatch.setattr(deployed, "_LOOK_SECONDS", 0.2)
    monkeypatch.setenv("LAKEHOUSE_LOGS", str(tmp_path))
    return without_airflow(read_facts("dev"))


@pytest.fixture
def account(facts: Facts) -> Iterator[Executions]:
    """The DAG is deployed, and the job of another DAG that it waits for has run."""
    with executions(facts.env) as made:
        (dag,) = [dag for dag in facts.dags if dag.dag_id == DAG]
        for task in dag.tasks:
            for wait in task.waits:
                made.audited(wait.task_id, DAY.isoformat())
        made.create(dag)
        yield made


def _run(facts: Facts, **changes: object) -> dict[str, Outcome]:
    jobs = [job for job in facts.jobs if job.name in JOBS]
    request = replace(JobsRequest(DAY, whole=True), **changes)  # type: ignore[arg-type]
    return {o.job: o for o in run_deployed(facts.env, jobs, request, quiet=True)}


def _executions(account: Executions) -> list[dict[str, object]]:
    (machine,) = account.states.list_state_machines()["stateMachines"]
    listed = account.states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    return [account.states.describe_execution(executionArn=e["executionArn"]) for e in listed]


def test_pipeline_is_one_execution_for_the_date_and_each_job_has_its_counts(
    facts: Facts, account: Executions
) -> None:
    account.deploy(JOBS)
    account.add_row(RunRow("r1", JOBS[0], DAG, DAY, started_at=LATER, warnings=["two rates are missing"]))
    outcomes = _run(facts)
    assert {name: o.status for name, o in outcomes.items()} == dict.fromkeys(JOBS, "done")
    assert outcomes[JOBS[0]].warnings == ["two rates are missing"]
    (execution,) = _executions(account)
    assert json.loads(str(execution["input"])) == {"run_date": "2017-01-31"}
    assert [account.runs(job) for job in JOBS] == [[{"--run-date": "2017-01-31"}]] * 2


def test_job_that_fails_says_why_and_what_follows_it_is_skipped(facts: Facts, account: Executions) -> None:
    account.deploy(JOBS[1:])
    error = "RUN101 Snowflake cannot be reached"
    row = RunRow("r1", JOBS[0], DAG, DAY, started_at=LATER, status=Status.FAILED, error=error)
    account.add_row(row)
    outcomes = _run(facts)
    assert {name: o.status for name, o in outcomes.items()} == {JOBS[0]: "failed", JOBS[1]: "skipped"}
    assert error in outcomes[JOBS[0]].error
    assert account.runs(JOBS[1]) == []


def test_state_machine_that_is_not_deployed_is_one_clear_line(facts: Facts) -> None:
    with executions(facts.env):
        outcomes = _run(facts)
    assert [o.status for o in outcomes.values()] == ["failed", "skipped"]
    error = outcomes[JOBS[0]].error
    assert error.startswith(
        "RUN645 lakehouse-dev-customer_features starts no execution: StateMachineDoesNotExist"
    )
    assert "lakehouse deploy --env dev" in error


def test_run_with_parameters_is_none_of_a_schedule(facts: Facts, account: Executions) -> None:
    """The input of a state machine is a date alone, so its jobs are started one by one."""
    account.deploy(JOBS)
    outcomes = _run(facts, params={"window_days": "7"})
    assert _executions(account) == []
    assert outcomes[JOBS[0]].error.startswith("RUN642")
