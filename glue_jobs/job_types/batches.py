"""Does the batches of a table: the one that a killed run left, and then what is new."""

from __future__ import annotations

from collections.abc import Callable

from glue_jobs.run_context import Batch, Json, RunContext


def run_batches(
    run: RunContext,
    resource: str,
    key: str,
    plan: Callable[[Json], Json],
    work: Callable[[Batch], None],
    is_void: Callable[[Json], bool] = lambda _: False,
    *,
    to_end: bool = False,
) -> int:
    """Calls `work` for the pending batch of the watermark `key`, and for the next one; returns how many.

    A run that only finished a pending batch would leave what arrived since then, a corrected file for
    example, to the run after it. `is_void`: as in BatchRequest. `to_end`: batch after batch, until a plan
    finds nothing new.
    """
    done, is_last = 0, False
    while not is_last:
        with run.batch(resource, key, plan, is_void) as batch:
            if batch is None:
                return done
            work(batch)
        done += 1
        is_last = not (batch.resumed or to_end)
    return done
