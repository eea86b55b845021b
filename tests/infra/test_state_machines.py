"""The state machine of a DAG runs the same jobs as the DAG, in the same order, with the same arguments."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from jsonata import Jsonata
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from infra.facts import read_facts
from infra.parts.orchestration.state_machine import definition
from lakehouse.environments import names
from lakehouse.orchestration.plan import plan
from lakehouse.orchestration.schedules import logical_dates
from lakehouse.orchestration.specs import DagSpec
from lakehouse.pipelines import load_pipelines
from lakehouse.reading.faults import Collector
from tests.infra.executions import executions

NEED = re.compile(r"outcomes\.`(\w+)` = 'SUCCEEDED'")
# Of the Amazon States Language and of Step Functions.
MAX_NAME, MAX_DEFINITION = 80, 1_000_000


def _dags(env: str) -> dict[str, DagSpec]:
    return {dag.dag_id: dag for dag in read_facts(env).dags}


def _states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        for branch in state.get("Branches", ()):
            yield from _states(branch)


def _waits(states: dict[str, dict[str, Any]], job: str) -> set[str]:
    own = [state for name, state in states.items() if name.startswith(f"{job}: wait ")]
    return {state["Comment"] for state in own if "Comment" in state}


def _dependents(dag: DagSpec, job: str) -> set[str]:
    found = {job}
    for task in dag.tasks:
        if found.intersection(task.after):
            found.add(task.job.name)
    return found - {job}


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_each_task_of_the_plan_is_a_run_with_its_needs_and_arguments(env: str) -> None:
    facts = read_facts(env)
    for dag in facts.dags:
        states = dict(_states(definition(facts.env, dag)))
        runs = {s["Arguments"]["JobName"]: s for s in states.values() if ":glue:" in s.get("Resource", "")}
        assert set(runs) == {task.glue_job for task in dag.tasks}
        for task in dag.tasks:
            run = runs[names.glue_job(facts.env, task.job.name)]
            choice = states.get(f"{task.job.name}: may it start?", {"Choices": [{"Condition": ""}]})
            assert set(NEED.findall(choice["Choices"][0]["Condition"])) == set(task.after)
            assert _waits(states, task.job.name) == {f"{w.task_id} of {w.dag_id}" for w in task.waits}
            if dag.kind == "batch":
                assert run["Resource"].endswith("startJobRun.sync")
                assert run["Arguments"]["Arguments"] == {"--run-date": "{% $states.input.run_date %}"}
                again = run["Retry"][-1]
                assert (again["MaxAttempts"], again["IntervalSeconds"]) == (
                    task.job.retry.retries,
                    task.job.retry.backoff_seconds,
                )


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_definition_keeps_the_rules_of_step_functions(env: str) -> None:
    facts = read_facts(env)
    for dag in facts.dags:
        machine = definition(facts.env, dag)
        text = json.dumps(machine)
        AmazonStateLanguageParser.parse(text)
        every = [name for name, _ in _states(machine)]
        assert len(every) == len(set(every))
        assert max(map(len, every)) <= MAX_NAME
        assert len(text) < MAX_DEFINITION
        # Terraform would take them for templates.
        assert "${" not in text
        assert "%{" not in text


def test_failed_job_stops_what_follows_it_alone_and_fails_the_execution() -> None:
    env, dag = read_facts("dev").env, _dags("dev")["retail_daily"]
    failing, every = "dq_bronze_gate", {task.job.name for task in dag.tasks}
    with executions(env) as account:
        account.deploy(every - {failing})
        ended = account.execute(dag, {"run_date": "2017-01-31"})
        ran = {job for job in every - {failing} if account.runs(job)}
    stopped = _dependents(dag, failing)
    assert (ended["status"], ended["error"]) == ("FAILED", "JobsFailed")
    assert ran == every - {failing} - stopped
    outcomes = json.loads(ended["cause"])
    assert outcomes == dict.fromkeys(ran, "SUCCEEDED") | dict.fromkeys(stopped, "SKIPPED") | {
        failing: "FAILED"
    }


def test_execution_that_a_schedule_starts_runs_for_the_day_of_airflow() -> None:
    env, dag = read_facts("dev").env, _dags("dev")["kafka_traffic_pipeline"]
    with executions(env) as account:
        account.deploy(task.job.name for task in dag.tasks)
        ended = account.execute(dag, {"scheduled_time": "2017-03-01T04:00:00Z"})
        runs = [account.runs(task.job.name) for task in dag.tasks]
    assert ended["status"] == "SUCCEEDED"
    day = date(2017, 2, 28)
    assert logical_dates(dag.schedule, day) == [datetime(2017, 2, 28, 4, tzinfo=UTC)]
    assert runs == [[{"--run-date": day.isoformat()}]] * len(dag.tasks)


def test_job_waits_until_a_job_of_another_dag_has_succeeded_for_the_day() -> None:
    env, dag = read_facts("dev").env, _dags("dev")["crm_daily"]
    # In a local world it looks more often.
    with executions(env.model_copy(update={"overlay": "aws.json"})) as account:
        account.deploy(task.job.name for task in dag.tasks)
        account.audited("crm_to_bronze", "2017-01-30")
        account.audited("crm_to_bronze", "2017-01-31", "FAILED")
        row = ("crm_to_bronze", "2017-01-31", "SUCCEEDED", "2026-01-02")
        threading.Timer(3, account.audited, row).start()
        ended = account.execute(dag, {"run_date": "2017-01-31"})
        history = account.states.get_execution_history(executionArn=ended["executionArn"])["events"]
    assert ended["status"] == "SUCCEEDED"
    assert [event for event in history if event["type"] == "WaitStateEntered"]


def test_stream_is_started_and_not_waited_for() -> None:
    env, dag = read_facts("dev").env, _dags("dev")["kafka_to_lakebase"]
    with executions(env) as account:
        account.deploy(task.job.name for task in dag.tasks)
        assert account.execute(dag, {"scheduled_time": "2017-03-01T06:00:00Z"})["status"] == "SUCCEEDED"
        assert account.runs("kafka_to_lakebase") == [{}]


@pytest.fixture(scope="module")
def fused() -> Any:
    """The retail DAG, whose pipeline is fused, and the environment."""
    env, faults = read_facts("dev").env, Collector(read_facts("dev").root)
    pipelines = [replace(p, fuse=p.name == "retail") for p in load_pipelines().values()]
    (dag,) = [dag for dag in plan(env, pipelines, faults) if dag.dag_id == "retail_daily"]
    return env, dag


def test_fused_pipeline_is_one_run(fused: Any) -> None:
    env, dag = fused
    with executions(env) as account:
        account.deploy(["retail_fused"])
        ended = account.execute(dag, {"run_date": "2017-01-31"})
        assert account.runs("retail_fused") == [{"--run-date": "2017-01-31"}]
    assert json.loads(ended["output"])["outcomes"] == {"retail_fused": "SUCCEEDED"}


@pytest.mark.parametrize(
    ("cause", "before", "tried"),
    [
        ("Glue run jr_1 FAILED out of memory", {}, 1),
        ("Glue run jr_1 FAILED out of memory", {"tried": 2}, 3),
        ("RUN693 1 of 13 jobs failed", {}, 4),
    ],
)
def test_fused_run_is_tried_again_only_when_no_job_has_failed(
    fused: Any, cause: str, before: dict[str, int], tried: int
) -> None:
    env, dag = fused
    states = dict(_states(definition(env, dag)))
    output = states["retail_fused"]["Catch"][0]["Output"].removeprefix("{%").removesuffix("%}")
    given = json.dumps({"input": before, "errorOutput": {"Error": "States.TaskFailed", "Cause": cause}})
    assert Jsonata(f"($states := {given}; {output})").evaluate(None)["tried"] == tried
    assert f"<= {dag.fused.retry.retries} " in states["retail_fused: once more?"]["Choices"][0]["Condition"]
    assert dag.fused.retry.retries == 3
