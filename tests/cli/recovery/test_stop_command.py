"""`lakehouse dr stop`: the two roles that start jobs are denied it, and running jobs are stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from moto.moto_api import state_manager

from cli.recovery.stop_command import POLICY, STARTERS
from glue_jobs.aws import clients
from lakehouse.environments import Environment, names
from tests.cli.calls import Call


@pytest.fixture
def roles(moto_world: Environment) -> Iterator[list[str]]:
    """The roles of Airflow and of the function that people start runs by."""
    iam, made = (
        clients(moto_world).client("iam"),
        [names.service_role(moto_world, s) for s in STARTERS["mwaa"]],
    )
    for role in made:
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    yield made
    for role in made:
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=policy)
        iam.delete_role(RoleName=role)


@pytest.fixture
def running(moto_world: Environment) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A running job, and the requests to stop runs: moto knows none, so they are answered here."""
    glue, job, asked = clients(moto_world).glue, names.glue_job(moto_world, "slow"), []

    def answer(request: Any, **_: Any) -> AWSResponse:
        asked.append(json.loads(request.body))
        return AWSResponse(request.url, 200, {}, _Empty())

    events = clients(moto_world).session._session
    events.register("before-send.glue.BatchStopJobRun", answer)
    state_manager.set_transition("glue::job_run", {"progression": "manual", "times": 9})
    for name in (job, "of-somebody-else"):
        glue.create_job(Name=name, Role="r", Command={"Name": "glueetl"})
        glue.start_job_run(JobName=name)
    yield job, asked
    state_manager.unset_transition("glue::job_run")
    events.unregister("before-send.glue.BatchStopJobRun", answer)
    for name in (job, "of-somebody-else"):
        glue.delete_job(JobName=name)


class _Empty:
    """The body of an answer."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield b"{}"


def denied(env: Environment, role: str) -> bool:
    iam = clients(env).client("iam")
    return POLICY in iam.list_role_policies(RoleName=role)["PolicyNames"]


def test_nothing_is_done_before_somebody_agrees(
    moto_world: Environment, roles: list[str], lakehouse: Call
) -> None:
    answer = lakehouse("dr", "stop", "--env", "local", "--dry-run")
    assert (answer.code, "nothing was done" in answer.out) == (0, True)
    assert not any(denied(moto_world, role) for role in roles)


def test_roles_are_denied_the_environments_own_runs_stopped_and_the_way_back_is_one_option(
    moto_world: Environment, roles: list[str], running: tuple[str, list[dict[str, Any]]], lakehouse: Call
) -> None:
    job, asked = running
    for _ in range(2):
        answer = lakehouse("dr", "stop", "--env", "local", "--yes")
        assert answer.code == 0, answer.err
        assert "stopped: 1 runs" in answer.out
    assert {request["JobName"] for request in asked} == {job}
    assert all(denied(moto_world, role) for role in roles)
    iam = clients(moto_world).client("iam")
    policy = iam.get_role_policy(RoleName=roles[0], PolicyName=POLICY)["PolicyDocument"]
    assert [(s["Effect"], s["Action"]) for s in policy["Statement"]] == [("Deny", "glue:StartJobRun")]
    assert lakehouse("dr", "stop", "--env", "local", "--undo", "--yes").code == 0
    assert not any(denied(moto_world, role) for role in roles)


def test_an_environment_without_roles_says_so(moto_world: Environment, lakehouse: Call) -> None:
    answer = lakehouse("dr", "stop", "--env", "local", "--yes")
    assert (answer.code, answer.out.count("there is no such role")) == (0, 2)
