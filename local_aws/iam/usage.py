"""Which granted actions a role has never used, by the record of the embedded IAM."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from local_aws.iam.patterns import any_like, many
from local_aws.iam.record import Entry


def unused(
    role: str, policies: Mapping[str, Mapping[str, Any]], entries: Iterable[Entry]
) -> dict[str, list[str]]:
    """`policy/sid` → granted actions that the role's calls never asked for. `policies`: name → document."""
    used: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        if entry.role == role and not entry.message:
            used[entry.policy, entry.sid].add(entry.action)
    never = {}
    for name, document in policies.items():
        for number, statement in enumerate(many(document["Statement"]), start=1):
            sid = statement.get("Sid") or f"#{number}"
            actions = many(statement.get("Action", []))
            idle = [action for action in actions if not any(any_like(action, u) for u in used[name, sid])]
            if idle and statement["Effect"] == "Allow":
                never[f"{name}/{sid}"] = idle
    return never
