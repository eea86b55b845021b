"""Waits for a system that is down, a few times and not for long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from glue_jobs.errors import RunError, first_line
from glue_jobs.observability.redact import redact

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Tries, and seconds: of the first wait, of the longest one, of all together."""

    tries: int = 4
    first: float = 0.5
    longest: float = 8.0
    total: float = 45.0


PATIENCE = Patience()


def patiently(
    what: str,
    call: Callable[[], T],
    *,
    is_down: Callable[[Exception], bool],
    error: type[RunError],
    code: str,
    patience: Patience | None = None,
) -> T:
    """The call's answer. While `is_down` says so of what it raises, it is tried again; in the end ONE `error` says what cannot be reached."""
    import stamina

    patience = patience or PATIENCE
    try:
        for attempt in stamina.retry_context(
            on=is_down,
            attempts=patience.tries,
            timeout=patience.total,
            wait_initial=patience.first,
            wait_max=patience.longest,
        ):
            with attempt:
                return call()
    except Exception as reason:
        if not is_down(reason):
            raise
        why = redact(first_line(reason))
        # What a driver says may hold how it was called, so its own error is not carried along.
        raise error(
            f"{what} cannot be reached, {patience.tries} tries: {why}; nothing was read or written, start the run again",
            code=code,
        ) from None
    raise AssertionError("stamina tries at least once")
