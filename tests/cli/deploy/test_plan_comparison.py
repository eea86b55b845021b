"""A merge applies a plan that is made again, and only when it does what the reviewed one said."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from cli.deploy import preparation
from cli.deploy.plan_comparison import differences, read_plan, require_same
from glue_jobs.errors import RunError
from lakehouse.environments import load_environment
from tests.cli.calls import Call
from tests.cli.deploy.fake_terraform import FakeTerraform


def change(address: str, actions: list[str], **after: Any) -> dict[str, Any]:
    return {"address": address, "change": {"actions": actions, "before": None, "after": after}}


PLAN: dict[str, Any] = {
    "terraform_version": "1.11.4",
    "timestamp": "2026-11-01T00:00:00Z",
    "resource_changes": [
        change("aws_iam_role.a", ["create"], name="a", policy="p"),
        change("aws_s3_bucket.b", ["no-op"], bucket="b"),
    ],
    "output_changes": {"role": {"actions": ["create"], "after": "a"}},
}


def test_plans_that_differ_in_time_and_in_what_stays_are_the_same() -> None:
    fresh = copy.deepcopy(PLAN)
    fresh["timestamp"] = "2026-11-02T00:00:00Z"
    fresh["resource_changes"].reverse()
    fresh["resource_changes"][0]["change"]["after"]["bucket"] = "read again"
    assert differences(PLAN, fresh) == []
    require_same(PLAN, fresh)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda p: p["resource_changes"][0]["change"]["after"].update(policy="x"), "other values of policy"),
        (lambda p: p["resource_changes"].append(change("aws_iam_user.x", ["create"])), "and not reviewed"),
        (lambda p: p["resource_changes"].pop(0), "reviewed as create, and not planned now"),
        (
            lambda p: p["resource_changes"][0]["change"].update(actions=["delete", "create"]),
            "reviewed as create, planned as delete and create",
        ),
        (lambda p: p["output_changes"]["role"].update(after="x"), "output.role"),
    ],
)
def test_a_plan_that_does_anything_else_is_refused(edit: Any, message: str) -> None:
    fresh = copy.deepcopy(PLAN)
    edit(fresh)
    with pytest.raises(RunError, match="RUN533") as fault:
        require_same(PLAN, fresh)
    assert message in str(fault.value)


def test_an_error_names_arguments_and_no_values() -> None:
    fresh = copy.deepcopy(PLAN)
    fresh["resource_changes"][0]["change"]["after"]["policy"] = "canary"
    with pytest.raises(RunError) as fault:
        require_same(PLAN, fresh)
    assert "canary" not in str(fault.value)


@pytest.mark.parametrize("content", ["", "[]", '{"resource_changes": 1}'])
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)
    with pytest.raises(RunError, match="RUN533"):
        read_plan(file)


@pytest.mark.parametrize("same", [True, False])
def test_deploy_plans_again_and_applies_the_fresh_plan_alone(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, same: bool
) -> None:
    shown, reviewed = tmp_path / "shown.json", tmp_path / "reviewed.json"
    shown.write_text(json.dumps(PLAN))
    reviewed.write_text(json.dumps(PLAN if same else {**PLAN, "resource_changes": []}))
    dev = load_environment("dev")
    terraform = FakeTerraform.install(tmp_path, monkeypatch, f'[ "$verb" = show ] && cat {shown}; true')
    monkeypatch.setattr(preparation, "prepared", lambda _name: (dev, terraform.stack))
    answer = call("deploy", "--env", "dev", "--reviewed", str(reviewed))
    verbs = [verb for verb in terraform.verbs() if verb != "init"]
    assert verbs == (["plan", "show", "apply"] if same else ["plan", "show"])
    assert answer.code == (0 if same else 1)
    if same:
        (plan, _, apply) = [words for words in terraform.calls if words[0] != "init"]
        (saved,) = [word.removeprefix("-out=") for word in plan if word.startswith("-out=")]
        assert apply[-1] == saved
    else:
        assert "RUN533" in answer.err
