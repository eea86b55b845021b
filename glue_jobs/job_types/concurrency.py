"""Works on several tables of one job at a time: a small table spends most of its seconds waiting."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 4


def run_concurrently(act: Callable[[str], None], tables: Iterable[str], at_once: int = AT_ONCE) -> None:
    """Calls `act` for every table, at most `at_once` at a time, with the caller's log fields.

    Tries every table, then raises the first error with notes about the others, so that no table is left
    half-way.
    """
    listed = list(tables)
    with ThreadPoolExecutor(max_workers=min(at_once, max(1, len(listed)))) as pool:
        futures = [pool.submit(contextvars.copy_context().run, act, table) for table in listed]
    errors = [error for error in (f.exception() for f in futures) if error is not None]
    if errors:
        for other in errors[1:]:
            errors[0].add_note(f"also: {other}")
        raise errors[0]
