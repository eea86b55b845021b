"""Retries calls to a system that is down, a few times and for a limited time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import stamina

from glue_jobs.errors import RunError
from glue_jobs.observability.redact import redact

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """How often a call is tried. In seconds: the first wait, the longest wait and the time for all tries."""

    tries: int = 4
    first_wait: float = 0.5
    max_wait: float = 8.0
    max_total: float = 45.0


RETRY_POLICY = RetryPolicy()


def with_retries(
    system: str,
    call: Callable[[], T],
    *,
    is_down: Callable[[Exception], bool],
    error: type[RunError],
    code: str,
    policy: RetryPolicy | None = None,
) -> T:
    """Returns what `call` returns. Repeats it while `is_down` is true of its exception.

    After the last try it raises `error` with `code`, without the driver's exception: that may quote
    credentials. `system`: how the error names what cannot be reached.
    """
    policy = policy or RETRY_POLICY
    try:
        for attempt in stamina.retry_context(
            on=is_down,
            attempts=policy.tries,
            timeout=policy.max_total,
            wait_initial=policy.first_wait,
            wait_max=policy.max_wait,
        ):
            with attempt:
                return call()
    except Exception as reason:
        if not is_down(reason):
            raise
        # The server is down and has not seen a row: what the driver says names the server.
        message = redact(next(iter(str(reason).strip().splitlines()), type(reason).__name__))
        raise error(
            f"{system} cannot be reached, {policy.tries} tries: {message}; "
            "nothing was read or written, start the run again",
            code=code,
        ) from None
    raise AssertionError("stamina tries at least once")
