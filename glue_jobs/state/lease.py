"""Leases: the right to write one table, for one run at a time, renewed while the run lives.

Expiry does not compare the clocks of two machines. The holder counts `seconds` from before it sent its last
renewal; a waiting run counts them from when it first read that renewal, each on its own monotonic clock. So a
waiting run always expires a lease later than its holder does, even when a wall clock is wrong. The price: a
run waits a whole `lease_seconds` for a dead holder on another machine. A dead holder on the same machine is
detected at once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from glue_jobs.errors import RunError
from glue_jobs.state.control_table import TOKEN, ConflictError, ControlTable, Item
from glue_jobs.state.lease_handle import LeaseHandle, LeaseLostError
from glue_jobs.state.process import now, process_ended, this_process
from lakehouse.environments.control import KEY
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control

__all__ = ["LeaseHandle", "LeaseLostError", "LeaseTakenError", "holds_lease", "lease"]


class LeaseTakenError(RunError):
    """Another run held the lease for as long as this run may wait."""

    code = "RUN020"


@contextmanager
def lease(
    env: Environment,
    resource: str,
    holder: str,
    *,
    seconds: float | None = None,
    wait_seconds: float | None = None,
) -> Iterator[LeaseHandle]:
    """Holds the lease of `resource` (a table: `silver.orders`) for `holder` (a run id) while the block runs.

    Call `check()` of the handle before every commit. `seconds` and `wait_seconds` default to the
    environment's. Raises LeaseTakenError.
    """
    handle = _acquire(
        env,
        resource,
        holder,
        seconds=env.lease_seconds if seconds is None else seconds,
        wait=env.lease_wait_seconds if wait_seconds is None else wait_seconds,
    )
    handle.start()
    try:
        yield handle
    finally:
        handle.release()


def holds_lease(env: Environment, resource: str, holder: str) -> bool:
    """Whether a run holds a lease now, by this machine's clock: to be shown, never to take the lease.

    Clocks differ, and a renewal may be under way: a lease counts as held for three times its seconds.
    """
    current = ControlTable(env, Control.LEASES).get(resource)
    if current is None or current["released"] or current["holder"] != holder:
        return False
    renewed = datetime.fromisoformat(current["renewed_at"])
    return datetime.now(UTC) < renewed + timedelta(seconds=3 * float(current["seconds"]))


def _acquire(env: Environment, resource: str, holder: str, *, seconds: float, wait: float) -> LeaseHandle:
    leases, renewals = ControlTable(env, Control.LEASES), ControlTable(env, Control.LEASES, once=True)
    deadline = now() + wait
    last_token, first_read = "", 0.0
    while True:
        current = leases.get(resource)
        if current is not None and current[TOKEN] != last_token:
            last_token, first_read = current[TOKEN], now()
        if current is None or _is_free(current, now() - first_read):
            sent = now()
            try:
                item = _take(leases, current, resource, holder, seconds)
            except ConflictError:
                continue
            return LeaseHandle(leases, renewals, item, sent, seconds)
        remaining = deadline - now()
        if remaining <= 0:
            raise _taken(resource, current, wait)
        # Random steps, so that waiting runs do not all ask at the same moment.
        time.sleep(min(remaining, min(1.0, seconds / 10) * random.uniform(0.5, 1.5)))  # noqa: S311


def _is_free(current: Item, unchanged_for: float) -> bool:
    expired = unchanged_for >= current["seconds"]
    return bool(current["released"]) or expired or process_ended(current["process"]) is True


def _take(leases: ControlTable, current: Item | None, resource: str, holder: str, seconds: float) -> Item:
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    item: Item = {
        KEY: resource,
        "holder": holder,
        "process": this_process(),
        # The item is never deleted, so the number grows for as long as the control table exists.
        "fence": current["fence"] + 1 if current else 1,
        "seconds": seconds,
        "since": stamp,
        "renewed_at": stamp,
        "released": False,
    }
    return leases.replace(current, item) if current else leases.create(item)


def _taken(resource: str, current: Item, waited: float) -> LeaseTakenError:
    until = datetime.fromisoformat(current["renewed_at"]) + timedelta(seconds=current["seconds"])
    return LeaseTakenError(
        f"'{resource}' is being written by run {current['holder']} since {current['since']}, "
        f"until at least {until.isoformat(timespec='seconds')}; waited {waited:g} s. "
        "Start this run again when that one has ended"
    )
