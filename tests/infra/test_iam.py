"""No statement allows every action. One allows every resource only where AWS requires it, with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lakehouse.project import Project, project_root
from tests.infra.synthesis import document, whole_stack

NAMES = tuple(Project.find().settings.environments)

REASONS: dict[str, str] = yaml.safe_load(
    (project_root() / "checks/any_resource.yml").read_text(encoding="utf-8")
)
# In the policy of a key `*` is that key.
KEYS = "aws_kms_key"
GATES = "aws_vpc_endpoint"
MOST = 14


def as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def allowed(stack: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(kind, address, statement) of every statement that allows something to somebody."""
    for kind, all_of in stack["resource"].items():
        for name, body in all_of.items():
            for argument in ("policy", "assume_role_policy"):
                if isinstance(text := body.get(argument), str) and text.startswith("{"):
                    for statement in json.loads(text)["Statement"]:
                        if statement["Effect"] == "Allow":
                            yield kind, f"{kind}.{name}", statement


def too_wide(statement: dict[str, Any]) -> bool:
    actions = as_list(statement.get("Action", []))
    return "*" in as_list(statement.get("Resource", [])) or any(a == "*" or a.endswith(":*") for a in actions)


@pytest.mark.parametrize("env", NAMES)
def test_what_is_allowed_on_any_resource_is_listed_with_its_reason(synthesized: Any, env: str) -> None:
    statements_of = {
        (address, s.get("Sid"))
        for kind, address, s in allowed(synthesized(env))
        if kind != KEYS and too_wide(s)
    }
    assert {(address, sid) for address, sid in statements_of if sid not in REASONS} == set()
    assert all(str(sid).startswith("Any") for _, sid in statements_of)


@pytest.mark.parametrize("env", NAMES)
def test_no_policy_allows_any_action_but_the_gates_that_another_policy_stands_behind(
    synthesized: Any, env: str
) -> None:
    for kind, address, statement in allowed(synthesized(env)):
        any_action = [a for a in as_list(statement.get("Action", [])) if a == "*" or a.endswith(":*")]
        if kind == KEYS:
            # The account's own IAM policies decide; without this nobody could ever change the key.
            assert any_action in ([], ["kms:*"]), address
            assert not any_action or statement["Principal"]["AWS"].endswith(":root"), address
        elif kind == GATES:
            # Whoever does anything through it must be of this account.
            assert not any_action or statement["Condition"], address
        else:
            assert any_action == [], address
        assert "NotAction" not in statement, address
        assert "NotResource" not in statement, address


def test_reasons_are_few_and_each_is_needed(synthesized: Any, without_airflow: Path) -> None:
    stacks = [*(synthesized(env) for env in NAMES), document(whole_stack("dev", without_airflow))]
    used = {s.get("Sid") for stack in stacks for kind, _, s in allowed(stack) if kind != KEYS and too_wide(s)}
    assert set(REASONS) == used
    assert len(REASONS) <= MOST
    assert min(map(len, REASONS.values())) > 40


@pytest.mark.parametrize("env", NAMES)
def test_nobody_of_another_account_may_take_on_a_role(synthesized: Any, env: str) -> None:
    for name, role in synthesized(env)["resource"]["aws_iam_role"].items():
        for statement in json.loads(role["assume_role_policy"])["Statement"]:
            principal = statement["Principal"]
            assert principal != "*", name
            assert "*" not in as_list(principal.get("AWS", [])), name
            # A service acts for whoever asks it to, unless it must be this account.
            assert "Condition" in statement or set(principal) == {"Service"}, name
