"""The right to write one table: one holder at a time, renewed while it lives, free again when it does not.

Expiry is judged by what is seen, not by comparing the clocks of two machines: a holder counts from before it sent its last renewal,
and who waits counts from when it first saw that renewal, each on its own monotonic clock. So whoever waits is always the later one,
however wrong a wall clock is. The price is that a dead holder on another machine is waited for a whole `lease_seconds`; one on
this machine is seen to be gone at once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

from glue_jobs.errors import RunError
from glue_jobs.state.control_table import TOKEN, ConflictError, Item, Items
from glue_jobs.state.lease_handle import Held, LeaseLostError
from glue_jobs.state.process import is_gone, now, this_process
from lakehouse.environments.control import KEY
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control

__all__ = ["Held", "LeaseLostError", "LeaseTakenError", "lease", "leases"]


class LeaseTakenError(RunError):
    """Somebody else holds the lease, and went on holding it for as long as this run may wait."""

    code = "RUN020"


@contextmanager
def lease(
    env: Environment,
    resource: str,
    holder: str,
    *,
    seconds: float | None = None,
    wait_seconds: float | None = None,
) -> Iterator[Held]:
    """Hold `resource` (a table, as `silver.orders`) for `holder` (a run id) while the block runs.

    Call `check()` on what it gives before every commit. Raises LeaseTakenError. `seconds` and `wait_seconds`: the environment's.
    """
    held = _acquire(
        Items(env, Control.LEASES),
        resource,
        holder,
        seconds=env.lease_seconds if seconds is None else seconds,
        wait=env.lease_wait_seconds if wait_seconds is None else wait_seconds,
    )
    held.start()
    try:
        yield held
    finally:
        held.release()


@contextmanager
def leases(
    env: Environment,
    resources: Iterable[str],
    holder: str,
    *,
    seconds: float | None = None,
    wait_seconds: float | None = None,
) -> Iterator[dict[str, Held]]:
    """Hold several at once. They are taken in sorted order, so two runs that want the same ones cannot wait for each other."""
    with ExitStack() as stack:
        yield {
            resource: stack.enter_context(
                lease(env, resource, holder, seconds=seconds, wait_seconds=wait_seconds)
            )
            for resource in sorted(set(resources))
        }


def _acquire(items: Items, resource: str, holder: str, *, seconds: float, wait: float) -> Held:
    deadline = now() + wait
    seen, first_seen = "", 0.0
    while True:
        found = items.get(resource)
        if found is not None and found[TOKEN] != seen:
            seen, first_seen = found[TOKEN], now()
        if found is None or _is_free(found, now() - first_seen):
            asked = now()
            try:
                return Held(items, _take(items, found, resource, holder, seconds), asked, seconds)
            except ConflictError:
                continue
        left = deadline - now()
        if left <= 0:
            raise _taken(resource, found, wait)
        # Uneven steps, so that several that wait do not ask in step.
        time.sleep(min(left, min(1.0, seconds / 10) * random.uniform(0.5, 1.5)))  # noqa: S311


def _is_free(found: Item, unchanged_for: float) -> bool:
    return bool(found["released"]) or unchanged_for >= found["seconds"] or is_gone(found["process"]) is True


def _take(items: Items, found: Item | None, resource: str, holder: str, seconds: float) -> Item:
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    item: Item = {
        KEY: resource,
        "holder": holder,
        "process": this_process(),
        # The item is never deleted, so the number grows for as long as the table exists.
        "fence": found["fence"] + 1 if found else 1,
        "seconds": seconds,
        "since": stamp,
        "renewed_at": stamp,
        "released": False,
    }
    return items.replace(found, item) if found else items.create(item)


def _taken(resource: str, found: Item, waited: float) -> LeaseTakenError:
    until = datetime.fromisoformat(found["renewed_at"]) + timedelta(seconds=found["seconds"])
    return LeaseTakenError(
        f"'{resource}' is being written by run {found['holder']} since {found['since']}, until at least "
        f"{until.isoformat(timespec='seconds')}; waited {waited:g} s. Start this run again when that one has ended"
    )
