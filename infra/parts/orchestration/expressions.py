"""The JSONata that states are written in. A state takes and gives `run_date`, `since` and `outcomes`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SUCCEEDED = "SUCCEEDED"
RUN_DATE = "{% $states.input.run_date %}"
_DAY_MILLISECONDS = 24 * 3600 * 1000
# A run starts a day after its logical date. An execution that a person starts is given its `run_date`.
_DAY_BEFORE = (
    f"$fromMillis($toMillis($states.input.scheduled_time) - {_DAY_MILLISECONDS}, '[Y0001]-[M01]-[D01]')"
)


def expression(text: str) -> str:
    """A JSONata expression, as a value of a state."""
    return f"{{% {text} %}}"


def first_state(following: str) -> dict[str, Any]:
    """What all other states take. `since`: when the execution was due, in UTC, so that texts compare."""
    given = "$exists($states.input.run_date)"
    return {
        "Type": "Pass",
        "Output": {
            "run_date": expression(f"{given} ? $states.input.run_date : {_DAY_BEFORE}"),
            "since": expression(f"{given} ? '0' : $substring($states.input.scheduled_time, 0, 19)"),
            "outcomes": {},
        },
        "Next": following,
    }


def outcome(job: str, value: str) -> str:
    """The state's input, with how a job ended. `value` is an expression."""
    return expression(
        f"$merge([$states.input, {{'outcomes': $merge([$states.input.outcomes, {{'{job}': {value}}}])}}])"
    )


def outcomes_of_branches() -> str:
    """The state's input, with the outcomes of all branches of a Parallel."""
    return expression("$merge([$states.input, {'outcomes': $merge($states.result.outcomes)}])")


def with_value(name: str, value: str) -> str:
    """The state's input, with one more value, for the states that follow."""
    return expression(f"$merge([$states.input, {{'{name}': {value}}}])")


def all_succeeded(jobs: Iterable[str]) -> str:
    """Whether each of these jobs has succeeded."""
    return expression(" and ".join(f"$states.input.outcomes.`{job}` = '{SUCCEEDED}'" for job in jobs))
