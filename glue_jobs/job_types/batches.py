"""Does the batches of a table: the one that a killed run left, and then what is new."""

from __future__ import annotations

from collections.abc import Callable

from glue_jobs.run_context import Batch, Json, RunContext

# One that is pending, and one that is planned after it.
_MOST = 2


def run_batches(
    run: RunContext,
    resource: str,
    key: str,
    plan: Callable[[Json], Json],
    work: Callable[[Batch], None],
    is_void: Callable[[Json], bool] = lambda _: False,
) -> int:
    """Calls `work` for the pending batch of the watermark `key`, and for the next one; returns how many.

    A run that only finished a pending batch would leave what arrived since then, a corrected file for
    example, to the run after it. `is_void`: as in BatchRequest.
    """
    for done in range(_MOST):
        with run.batch(resource, key, plan, is_void) as batch:
            if batch is None:
                return done
            work(batch)
        if not batch.resumed:
            return done + 1
    return _MOST
