"""The one kind of error that a run ends with when something outside the code is wrong."""

from __future__ import annotations

NO_SPACE = "No space left on device"


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


def plain(error: BaseException) -> BaseException:
    """The error as one that says what to do, where the machine's own words (50 lines of a JVM) would not."""
    if not isinstance(error, RunError) and NO_SPACE in str(error):
        return RunError(
            f"a disk of the machine that runs Spark is full: {_line_with(NO_SPACE, error)}; make room, then run the job again",
            code="RUN070",
        )
    return error


def _line_with(words: str, error: BaseException) -> str:
    return next(line.strip() for line in str(error).splitlines() if words in line)
