"""The one kind of error that a run ends with when something outside the code is wrong."""

from __future__ import annotations


class RunError(Exception):
    """`code` has a page in docs/errors; the message says what is wrong and what to do."""

    code = "RUN001"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        self.code = code or type(self).code
        super().__init__(f"{self.code} {message}")


def error_code(error: BaseException) -> str:
    """The stable code of an error; one that nobody foresaw goes by the name of its class."""
    return str(getattr(error, "code", "") or type(error).__name__) if isinstance(error, RunError) else type(error).__name__


def first_line(error: BaseException) -> str:
    """The first line that says something, for a table cell or a message."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
