"""Compares two plans: the one that people reviewed, and the one that is made again before it is applied."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glue_jobs.errors import RunError

_SHOWN = 10
# What decides the effect of a change. Terraform's own version, times and configuration are left out.
_OF_A_CHANGE = ("actions", "before", "after", "after_unknown", "replace_paths", "importing")

Plan = Mapping[str, Any]


def read_plan(file: Path) -> Plan:
    """A plan as `terraform show -json` writes it. Raises RunError (RUN533) for any other file."""
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{file} holds no plan: {error}", code="RUN533") from None
    if not isinstance(plan, dict) or not isinstance(plan.get("resource_changes", []), list):
        raise RunError(f"{file} holds no plan of `terraform show -json`", code="RUN533")
    return plan


def require_same(reviewed: Plan, fresh: Plan) -> None:
    """Raises RunError (RUN533) that names what the two plans would do differently."""
    different = differences(reviewed, fresh)
    if not different:
        return
    lines = [f"  {line}" for line in different[:_SHOWN]]
    more = [f"  and {len(different) - _SHOWN} more"] if len(different) > _SHOWN else []
    raise RunError(
        "\n".join(
            [
                f"the plan that is made now differs from the reviewed one in {len(different)} places; "
                "nothing was applied, open a pull request anew:",
                *lines,
                *more,
            ]
        ),
        code="RUN533",
    )


def differences(reviewed: Plan, fresh: Plan) -> list[str]:
    """A line for each address of which the two plans would do something else."""
    before, after = _effects(reviewed), _effects(fresh)
    different = sorted(address for address in {*before, *after} if before.get(address) != after.get(address))
    return [f"{address}: {_describe(before, after, address)}" for address in different]


def _effects(plan: Plan) -> dict[str, Any]:
    """Address → everything that decides its change; what stays as it is has none."""
    effects: dict[str, Any] = {}
    for change in plan.get("resource_changes", []):
        body = change.get("change", {})
        if body.get("actions") in (["no-op"], ["read"]):
            continue
        address = f"{change.get('address')}{change.get('deposed', '')}"
        effects[address] = {key: body.get(key) for key in _OF_A_CHANGE}
    for name, body in plan.get("output_changes", {}).items():
        if body.get("actions") != ["no-op"]:
            effects[f"output.{name}"] = {key: body.get(key) for key in _OF_A_CHANGE}
    return effects


def _describe(before: Mapping[str, Any], after: Mapping[str, Any], address: str) -> str:
    """What differs, by the names of arguments and never by their values."""
    if address not in after:
        return f"reviewed as {_actions(before[address])}, and not planned now"
    if address not in before:
        return f"planned as {_actions(after[address])}, and not reviewed"
    old, new = before[address], after[address]
    if old["actions"] != new["actions"]:
        return f"reviewed as {_actions(old)}, planned as {_actions(new)}"
    return f"other values of {', '.join(_changed_arguments(old, new)) or 'the change'}"


def _changed_arguments(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    sides = [(old[key] or {}, new[key] or {}) for key in ("before", "after", "after_unknown")]
    return sorted(
        {
            argument
            for one, other in sides
            if isinstance(one, dict) and isinstance(other, dict)
            for argument in {*one, *other}
            if one.get(argument) != other.get(argument)
        }
    )


def _actions(effect: Mapping[str, Any]) -> str:
    return " and ".join(effect["actions"] or ["unknown"])
