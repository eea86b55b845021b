"""Several tables of one job at a time: most of a small table's seconds are spent waiting."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 4


def side_by_side(act: Callable[[str], None], tables: Iterable[str], at_once: int = AT_ONCE) -> None:
    """Every table is tried; the first error is raised when all have ended, so that none is left half-way."""
    listed = list(tables)
    with ThreadPoolExecutor(max_workers=min(at_once, max(1, len(listed)))) as pool:
        waiting = [pool.submit(contextvars.copy_context().run, act, table) for table in listed]
    errors = [e for e in (w.exception() for w in waiting) if e is not None]
    if errors:
        for other in errors[1:]:
            errors[0].add_note(f"also: {other}")
        raise errors[0]
