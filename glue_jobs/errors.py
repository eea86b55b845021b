"""The one kind of error that a run ends with when something outside the code is wrong."""

from __future__ import annotations

import re

NO_SPACE = "No space left on device"
# Spark's and Delta's words for an older version of a table of which files, or the log itself, are no more.
GONE = (
    "It is possible the underlying files have been updated",
    "DELTA_TRUNCATED_TRANSACTION_LOG",
    "Cannot time travel Delta table to version",
)


class RunError(Exception):
    """`code` has a page in docs/errors; the message says what is wrong and what to do."""

    code = "RUN001"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        self.code = code or type(self).code
        super().__init__(f"{self.code} {message}")


def error_code(error: BaseException) -> str:
    """The stable code of an error; one that nobody foresaw goes by the name of its class."""
    return (
        str(getattr(error, "code", "") or type(error).__name__)
        if isinstance(error, RunError)
        else type(error).__name__
    )


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
    gone = next((words for words in GONE if words in str(error)), None)
    if not isinstance(error, RunError) and gone:
        return RunError(
            f"what was not read yet of an older version of a table is gone: {_file_of(str(error)) or _line_with(gone, error)}; "
            "set the watermark of what is made from it back to nothing, then it is read whole (docs/runbooks/maintenance.md)",
            code="RUN212",
        )
    return error


def _file_of(text: str) -> str:
    """The first file that an error names."""
    found = re.search(r"\b(?:s3a?|file):/\S+?\.parquet", text)
    return found[0] if found else ""


def _line_with(words: str, error: BaseException) -> str:
    return next(line.strip() for line in str(error).splitlines() if words in line)
