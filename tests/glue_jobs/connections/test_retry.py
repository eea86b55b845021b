"""A call is repeated while its system is down, and fails with one clear error afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from glue_jobs.connections.retry import RetryPolicy, with_retries
from glue_jobs.errors import RunError
from glue_jobs.observability.redact import register

POLICY = RetryPolicy(tries=3, first_wait=0.01, max_wait=0.02, max_total=5.0)


class DownError(RunError):
    code = "RUN999"


class Flaky:
    """Fails with the given errors, one after the other, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def call(function: Callable[[], str]) -> str:
    return with_retries(
        "the system",
        function,
        is_down=lambda reason: isinstance(reason, OSError),
        error=DownError,
        code="RUN998",
        policy=POLICY,
    )


def test_a_call_that_works_is_made_once() -> None:
    flaky = Flaky()
    assert call(flaky) == "answer"
    assert flaky.calls == 1


def test_a_call_is_repeated_while_the_system_is_down() -> None:
    flaky = Flaky(OSError("refused"), OSError("refused"))
    assert call(flaky) == "answer"
    assert flaky.calls == 3


def test_a_system_that_stays_down_is_one_error_with_the_first_line() -> None:
    flaky = Flaky(*[OSError("connection refused\nstack")] * 9)
    with pytest.raises(
        DownError, match=r"RUN998 the system cannot be reached, 3 tries: connection refused; "
    ) as fault:
        call(flaky)
    assert flaky.calls == 3
    assert fault.value.code == "RUN998"
    assert fault.value.__cause__ is None


def test_an_answer_that_says_no_is_not_repeated() -> None:
    flaky = Flaky(ValueError("wrong password"))
    with pytest.raises(ValueError, match="wrong password"):
        call(flaky)
    assert flaky.calls == 1


def test_the_error_shows_no_secret() -> None:
    register(["canary-in-retry"])
    with pytest.raises(DownError) as fault:
        call(Flaky(*[OSError("login canary-in-retry refused")] * 9))
    assert "canary-in-retry" not in str(fault.value)
