"""The states that wait for a job of another DAG: until the audit has a run of the day that succeeded."""

from __future__ import annotations

from typing import Any

from infra.parts.orchestration.expressions import expression, with_value
from lakehouse.environments import Environment, names
from lakehouse.environments.control import AUDIT_BY_DATE
from lakehouse.environments.names import Control
from lakehouse.orchestration.event_schedule import values_of
from lakehouse.orchestration.specs import WAIT_HOURS, DagSpec, TaskSpec, Wait

States = dict[str, dict[str, Any]]

QUERY = "arn:aws:states:::aws-sdk:dynamodb:query"
# Each look is about ten events of the execution, which may have 25,000. At the embedded AWS runs are short.
LOOK_SECONDS, LOOK_SECONDS_LOCAL = 300, 2
_LOOK = "$states.input.look"
_NONE_YET = "{'found': 0, 'looks': 0}"
_RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 30, "MaxAttempts": 5, "BackoffRate": 2}]
_MIDNIGHT = "$toMillis($states.input.run_date & 'T00:00:00Z')"
_DAY = 86_400_000


def wait_states(
    env: Environment, spec: DagSpec, task: TaskSpec, following: str, in_vain: str
) -> tuple[States, str]:
    """The states of all waits of a task, one after another, and the name of the first."""
    states: States = {}
    for number, wait in reversed(list(enumerate(task.waits, start=1))):
        prefix = f"{task.job.name}: wait {number}"
        more, following = _wait(env, spec, wait, prefix, following, in_vain)
        states = {**more, **states}
    return states, following


def _wait(
    env: Environment, spec: DagSpec, wait: Wait, prefix: str, following: str, in_vain: str
) -> tuple[States, str]:
    seconds = LOOK_SECONDS_LOCAL if env.overlay else LOOK_SECONDS
    begin, look, found, pause = prefix, f"{prefix}: look", f"{prefix}: found?", f"{prefix}: pause"
    runs, since = _awaited(spec.schedule, wait.schedule)
    choices = [
        (f"{_LOOK}.found >= {runs}", following),
        (f"$exists({_LOOK}.key)", look),
        (f"{_LOOK}.looks >= {WAIT_HOURS * 3600 // seconds}", in_vain),
    ]
    states: States = {
        begin: {"Type": "Pass", "Output": with_value("look", _NONE_YET), "Next": look},
        look: _look(env, wait, since, found, in_vain),
        found: {
            "Type": "Choice",
            "Comment": f"{wait.task_id} of {wait.dag_id}",
            "Choices": [{"Condition": expression(text), "Next": name} for text, name in choices],
            "Default": pause,
        },
        pause: {
            "Type": "Wait",
            "Seconds": seconds,
            "Output": with_value("look", f"{{'found': 0, 'looks': {_LOOK}.looks}}"),
            "Next": look,
        },
    }
    if (comes := _comes(wait.schedule)) is None:
        return states, begin
    due = f"{prefix}: due?"
    choice = {"Condition": expression(comes), "Next": begin}
    states[due] = {"Type": "Choice", "Choices": [choice], "Default": following}
    return states, due


def _look(env: Environment, wait: Wait, since: str, found: str, in_vain: str) -> dict[str, Any]:
    """Counts the runs that succeeded. The next page of a long day is another look."""
    table = names.control_table(env, Control.AUDIT)
    values = f"':day': {{'S': $states.input.run_date}}, ':since': {{'S': {since}}}"
    query = (
        f"{{'TableName': '{table}', 'IndexName': '{AUDIT_BY_DATE}', 'Select': 'COUNT', "
        "'KeyConditionExpression': 'run_date = :day AND started_at >= :since', "
        "'FilterExpression': 'job = :job AND #status = :succeeded', "
        "'ExpressionAttributeNames': {'#status': 'status'}, "
        f"'ExpressionAttributeValues': {{{values}, ':job': {{'S': '{wait.task_id}'}}, "
        "':succeeded': {'S': 'SUCCEEDED'}}}"
    )
    next_page = f"$exists({_LOOK}.key) ? {{'ExclusiveStartKey': {_LOOK}.key}} : {{}}"
    seen = (
        f"{{'found': {_LOOK}.found + $states.result.Count, 'looks': {_LOOK}.looks + 1, "
        "'key': $states.result.LastEvaluatedKey}"
    )
    return {
        "Type": "Task",
        "Resource": QUERY,
        "Arguments": expression(f"$merge([{query}, {next_page}])"),
        "Output": with_value("look", seen),
        "Retry": _RETRY,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.input %}", "Next": in_vain}],
        "Next": found,
    }


def _awaited(own: str, other: str) -> tuple[int, str]:
    """How many runs of a day are awaited, and since when they count: `awaited_dates` for any day.

    All runs of the day; of a DAG that starts by the same schedule several times a day, the one of that time.
    """
    minutes, hours, *_ = values_of(other)
    runs = (60 if minutes is None else len(minutes)) * (24 if hours is None else len(hours))
    return (1, "$states.input.since") if own == other and runs > 1 else (runs, "'0'")


def _comes(schedule: str) -> str | None:
    """Whether runs for the day start on the day after it; None for a schedule of every day."""
    _, _, days, months, weekdays = values_of(schedule)
    start = f"({_MIDNIGHT} + {_DAY})"
    tests = []
    if days is not None:
        tests.append(f"$number($fromMillis({start}, '[D]')) in {days}")
    if months is not None:
        tests.append(f"$number($fromMillis({start}, '[M]')) in {months}")
    if weekdays is not None:
        # 1970 began on a Thursday.
        tests.append(f"({start} / {_DAY} + 4) % 7 in {weekdays}")
    return " and ".join(tests) or None
