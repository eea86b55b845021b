"""The versions of a dimension by plain Python, without anything of the engine."""

from __future__ import annotations

from tests.glue_jobs.job_types.rewind_harness import FIRST_INSTANT, LAST_INSTANT, State, Version


def judged(batches: list[list[State]]) -> list[Version]:
    """The versions that follow from batches of states, without a surrogate key, by plain Python alone.

    No batch of these histories has two states of one key and instant.
    """
    kept: dict[int, list[State]] = {}
    for batch in batches:
        newest: dict[int, State] = {}
        for state in batch:
            if state[0] not in newest or state[4] > newest[state[0]][4]:
                newest[state[0]] = state
        for key, state in newest.items():
            history = kept.setdefault(key, [])
            if not history or state[4] > history[-1][4]:
                history.append(state)
    rows: list[Version] = []
    for history in kept.values():
        changed = [s for n, s in enumerate(history) if n == 0 or s[1:4] != history[n - 1][1:4]]
        for number, state in enumerate(changed):
            end = changed[number + 1][4] if number + 1 < len(changed) else LAST_INSTANT
            rows.append(
                {
                    **dict(zip(("id", "name", "city", "is_deleted", "valid_since"), state, strict=True)),
                    "valid_from": FIRST_INSTANT if number == 0 else state[4],
                    "valid_to": end,
                    "is_current": end == LAST_INSTANT,
                }
            )
    return rows
