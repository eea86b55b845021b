"""Reads the history of an execution: which state of which job it is at, and how each job ended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakehouse.orchestration.specs import EXECUTION_FAILED


@dataclass
class Progress:
    """`at`: job → its state without its name, as `wait 1: look`; empty for its run. `ended`: job → how."""

    at: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)


def progress(events: Iterable[Mapping[str, Any]]) -> Progress:
    """How the jobs stand after these events, the oldest first."""
    stands = Progress()
    for event in events:
        if entered := event.get("stateEnteredEventDetails"):
            job, _, state = str(entered["name"]).partition(": ")
            stands.at[job] = state
        if left := event.get("stateExitedEventDetails"):
            stands.ended.update(_outcomes(left.get("output", "")))
    return stands


def ended_as(shown: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Job → how it ended, and why the execution failed; empty when it succeeded.

    `shown` is what DescribeExecution answers. An execution that was stopped says nothing of its jobs.
    """
    if shown["status"] == "SUCCEEDED":
        return _outcomes(shown.get("output", "")), ""
    error, cause = shown.get("error", ""), shown.get("cause", "")
    ended = _outcomes(json.dumps({"outcomes": _object(cause)})) if error == EXECUTION_FAILED else {}
    failed = ", ".join(f"{job} {state}" for job, state in ended.items() if state != "SUCCEEDED")
    return ended, failed or " ".join(part for part in (shown["status"], error, cause) if part)


def _outcomes(text: str) -> dict[str, str]:
    outcomes = _object(text).get("outcomes", {})
    return {str(job): str(state) for job, state in outcomes.items()} if isinstance(outcomes, dict) else {}


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
