"""Which workgroup a query was started in: whoever asks for its state or result needs a right to that one."""

from __future__ import annotations

_by_execution: dict[str, str] = {}


def remember(execution: str, workgroup: str) -> None:
    """Notes the workgroup of a query, by the id of its execution."""
    _by_execution[execution] = workgroup


def workgroup_of(execution: str) -> str | None:
    """The workgroup of a query; None for one that was never started."""
    return _by_execution.get(execution)
