"""The definition of the state machine of a DAG, in the Amazon States Language.

It has no join of any two states, as a graph of tasks has: tasks that nothing connects are branches beside one
another, and of connected ones those that wait for none come first, all together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from infra.parts.orchestration.expressions import all_succeeded, expression, first_state, outcomes_of_branches
from infra.parts.orchestration.task_states import States, task_states
from lakehouse.environments import Environment
from lakehouse.orchestration.specs import EXECUTION_FAILED, DagSpec, TaskSpec

FIRST, LAST, DONE, FAILED = "Logical date", "All jobs succeeded?", "Succeeded", "Jobs failed"


def definition(env: Environment, spec: DagSpec) -> dict[str, Any]:
    """The state machine that runs the jobs of `spec` as its DAG in Airflow does."""
    tasks = (spec.fused,) if spec.fused else spec.tasks
    states, start = _sequence(env, spec, tasks, LAST)
    return {
        "Comment": spec.display_name,
        "QueryLanguage": "JSONata",
        "StartAt": FIRST,
        "States": {FIRST: first_state(start), **states, **_end(task.job.name for task in tasks)},
    }


def _end(jobs: Iterable[str]) -> States:
    condition, cause = all_succeeded(jobs), expression("$string($states.input.outcomes)")
    return {
        LAST: {
            "Type": "Choice",
            "Choices": [{"Condition": condition, "Next": DONE}],
            "Default": FAILED,
        },
        DONE: {"Type": "Succeed"},
        FAILED: {
            "Type": "Fail",
            "Error": EXECUTION_FAILED,
            "Cause": cause,
        },
    }


def _sequence(
    env: Environment, spec: DagSpec, tasks: Sequence[TaskSpec], following: str | None
) -> tuple[States, str]:
    """The states of these tasks, and the name of the first. After them comes `following`, or the end."""
    parts = list(_connected(tasks))
    if len(parts) > 1:
        return _beside(env, spec, parts, following)
    if len(tasks) == 1:
        return task_states(env, spec, tasks[0], following)
    names = {task.job.name for task in tasks}
    first = [task for task in tasks if not names.intersection(task.after)]
    later = [task for task in tasks if names.intersection(task.after)]
    states, start = _sequence(env, spec, later, following)
    before, begin = _sequence(env, spec, first, start)
    return {**before, **states}, begin


def _beside(
    env: Environment, spec: DagSpec, parts: Sequence[Sequence[TaskSpec]], following: str | None
) -> tuple[States, str]:
    """A Parallel with a branch for each part. No branch fails: a job that does is an outcome."""
    branches = []
    for part in parts:
        states, start = _sequence(env, spec, part, None)
        branches.append({"StartAt": start, "States": states})
    name = f"Beside {parts[0][0].job.name}"
    after = {"Next": following} if following else {"End": True}
    return {name: {"Type": "Parallel", "Branches": branches, "Output": outcomes_of_branches(), **after}}, name


def _connected(tasks: Sequence[TaskSpec]) -> Iterator[list[TaskSpec]]:
    """The tasks in groups, none of which waits for a task of another group."""
    names = {task.job.name for task in tasks}
    edges = {task.job.name: {task.job.name, *task.after} & names for task in tasks}
    while edges:
        group: set[str] = set()
        wider = {next(iter(edges))}
        while group != wider:
            group = wider
            wider = group.union(*(edge for edge in edges.values() if edge & group))
        yield [task for task in tasks if task.job.name in group]
        edges = {name: edge for name, edge in edges.items() if name not in group}
