"""The states of one task: what it waits for, its Glue run, and how it ended."""

from __future__ import annotations

from typing import Any

from infra.parts.orchestration import expressions
from infra.parts.orchestration.expressions import RUN_DATE, SUCCEEDED, expression, outcome
from infra.parts.orchestration.wait_states import States, wait_states
from lakehouse.environments import Environment
from lakehouse.orchestration.specs import JOBS_FAILED, MAX_RETRY_SECONDS, WAIT_HOURS, DagSpec, TaskSpec

__all__ = ["States", "task_states"]

START = "arn:aws:states:::glue:startJobRun"
RUN = f"{START}.sync"
ANY = "States.ALL"
RUNS_ALREADY = "Glue.ConcurrentRunsExceededException"
MISSING = "Glue.EntityNotFoundException"
# Each look is an event of the execution, which may have 25,000.
TURN_SECONDS = 300


def task_states(env: Environment, spec: DagSpec, task: TaskSpec, following: str | None) -> tuple[States, str]:
    """The states of a task, and the name of the first. After them comes `following`, or the end."""
    after: dict[str, Any] = {"Next": following} if following else {"End": True}
    name = task.job.name
    if spec.kind == "streaming":
        return _stream(task, after), name
    states = _fused_run(task, after) if task.job.members else {name: _run(task, after)}
    states[f"{name}: failed"] = _ended(name, "FAILED", after)
    start = name
    if task.waits:
        waits, start = wait_states(env, spec, task, start, in_vain := f"{name}: waited in vain")
        states |= waits
        states[in_vain] = _ended(name, "WAITED_IN_VAIN", after)
    if task.after:
        choice = f"{name}: may it start?"
        condition = expressions.all_succeeded(task.after)
        choices = [{"Condition": condition, "Next": start}]
        states[choice] = {"Type": "Choice", "Choices": choices, "Default": f"{name}: skipped"}
        states[f"{name}: skipped"] = _ended(name, "SKIPPED", after)
        start = choice
    return states, start


def _run(task: TaskSpec, after: dict[str, Any]) -> dict[str, Any]:
    """One run of the Glue job to its end, tried again by the job's `retry_policy`."""
    retry = task.retry
    again = {
        "ErrorEquals": [ANY],
        "MaxAttempts": retry.retries,
        "IntervalSeconds": _first_pause(task),
        "BackoffRate": 2,
        "MaxDelaySeconds": MAX_RETRY_SECONDS,
    }
    failed = {"ErrorEquals": [ANY], "Output": "{% $states.input %}", "Next": f"{task.job.name}: failed"}
    return {**_glue_run(task), "Retry": [*_turn(), again], "Catch": [failed], **after}


def _fused_run(task: TaskSpec, after: dict[str, Any]) -> States:
    """As `_run`. It is tried again only when no job has failed past its own retries."""
    name, tried = task.job.name, "$states.input.tried"
    count = f"$exists({tried}) ? {tried} + 1 : 1"
    error = "$states.errorOutput"
    final = f"$contains({error}.Cause, '{JOBS_FAILED}') or {error}.Error = '{MISSING}'"
    caught = {
        "ErrorEquals": [ANY],
        "Output": expressions.with_value("tried", f"({final} ? {task.retry.retries + 1} : ({count}))"),
        "Next": f"{name}: once more?",
    }
    pause = f"$min([{_first_pause(task)} * $power(2, {tried} - 1), {MAX_RETRY_SECONDS}])"
    again = {"Condition": expression(f"{tried} <= {task.retry.retries}"), "Next": f"{name}: pause"}
    return {
        name: {**_glue_run(task), "Retry": _turn(), "Catch": [caught], **after},
        f"{name}: once more?": {"Type": "Choice", "Choices": [again], "Default": f"{name}: failed"},
        f"{name}: pause": {"Type": "Wait", "Seconds": expression(pause), "Next": name},
    }


def _glue_run(task: TaskSpec) -> dict[str, Any]:
    """A run that a person has stopped is no success, and no error of the state either."""
    return {
        "Type": "Task",
        "Resource": RUN,
        "Arguments": {"JobName": task.glue_job, "Arguments": task.arguments(RUN_DATE)},
        "TimeoutSeconds": task.longest_minutes * 60,
        "Output": outcome(task.job.name, "$states.result.JobRunState"),
    }


def _turn() -> list[dict[str, Any]]:
    """A run of another day is waited for. A job that is not there is not tried again."""
    attempts = WAIT_HOURS * 3600 // TURN_SECONDS
    turn = {"ErrorEquals": [RUNS_ALREADY], "IntervalSeconds": TURN_SECONDS, "MaxAttempts": attempts}
    return [{**turn, "BackoffRate": 1}, {"ErrorEquals": [MISSING], "MaxAttempts": 0}]


def _first_pause(task: TaskSpec) -> int:
    """Seconds. Step Functions wants at least one, and fewer than the longest pause."""
    return min(max(task.retry.backoff_seconds, 1), MAX_RETRY_SECONDS - 1)


def _stream(task: TaskSpec, after: dict[str, Any]) -> States:
    """Starts a stream that does not run, and does not wait for its end."""
    name = task.job.name
    runs, failed = f"{name}: runs", f"{name}: failed"
    caught = [(RUNS_ALREADY, runs), (ANY, failed)]
    return {
        name: {
            "Type": "Task",
            "Resource": START,
            "Arguments": {"JobName": task.glue_job},
            "Output": outcome(name, f"'{SUCCEEDED}'"),
            "Catch": [{"ErrorEquals": [e], "Output": "{% $states.input %}", "Next": n} for e, n in caught],
            **after,
        },
        runs: _ended(name, SUCCEEDED, after),
        failed: _ended(name, "FAILED", after),
    }


def _ended(job: str, value: str, after: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Pass", "Output": outcome(job, f"'{value}'"), **after}
