"""RunError: the error of a run whose input, facts, permissions or systems are wrong."""

from __future__ import annotations

import re

from glue_jobs.error_text import PublicError, public_text

_NO_SPACE = "No space left on device"
# Messages of Spark and Delta about an old version of a table whose files, or log, are deleted.
_VERSION_DELETED = (
    "It is possible the underlying files have been updated",
    "DELTA_TRUNCATED_TRANSACTION_LOG",
    "Cannot time travel Delta table to version",
)


# A source, a warehouse or the Lakebase is down.
PASSING_CODES = frozenset({"RUN101", "RUN401", "RUN420"})
# What AWS answers while it is asked too often, or cannot answer for the moment; botocore has retried by then.
PASSING_ANSWERS = frozenset(
    {
        "BandwidthLimitExceeded",
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)


# The same in the texts of Arrow's S3 client and of Spark's, whose errors have no code. Arrow takes the reply
# that S3 is asked too often to a read of few bytes for a broken stream, and does not try again.
_PASSING_TEXT = re.compile(
    r"AWS Error (?:INTERNAL_FAILURE|SERVICE_UNAVAILABLE|SLOW_DOWN|(?:REQUEST_)?THROTTL(?:ING|ED)"
    r"(?:_EXCEPTION)?|REQUEST_TIMEOUT|NETWORK_CONNECTION)\b"
    r"|AWS Error UNKNOWN \(HTTP status (?:429|50[0234])\)"
    r"|\(Service: \w+, Status Code: (?:429|50[0234])\b|AWSServiceThrottledException"
)
_TEXT_ERRORS = ("OSError", "Py4JJavaError")


class RunError(PublicError):
    """The message says what is wrong and what to do. `code` has a page in docs/errors."""

    code = "RUN001"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        self.code = code or type(self).code
        super().__init__(f"{self.code} {message}")


def error_code(error: BaseException) -> str:
    """The stable code of a RunError; the class name of any other error."""
    return error.code if isinstance(error, RunError) else type(error).__name__


def may_pass(error: BaseException) -> bool:
    """Whether the same work may succeed in a minute: a system is down or unreachable, or AWS throttles."""
    # botocore takes a tenth of a second to import, and most runs have no error.
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

    if isinstance(error, RunError):
        return error.code in PASSING_CODES
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "") in PASSING_ANSWERS
    if type(error).__name__ in _TEXT_ERRORS and _PASSING_TEXT.search(str(error)):
        return True
    return isinstance(error, ConnectionError | HTTPClientError)


def first_line(error: BaseException) -> str:
    """The first line that is not blank, without values of rows; the class name of an error without text."""
    lines = public_text(error).splitlines()
    return next((line.strip() for line in lines if line.strip()), type(error).__name__)


def explain(error: BaseException) -> BaseException:
    """A RunError in place of known errors of Spark, whose 50 lines do not say what to do; else the error."""
    if isinstance(error, RunError):
        return error
    if isinstance(error, SystemExit):
        # Its exit code may be 0: what runs the job would take the run for one that succeeded.
        return RunError(
            f"the code of the job ended the process by sys.exit({error.code!r}); a job ends by returning",
            code="RUN142",
        )
    text = str(error)
    if _NO_SPACE in text:
        return RunError(
            f"a disk of the machine that runs Spark is full: {_line_with(_NO_SPACE, text)}; "
            "make room, then run the job again",
            code="RUN070",
        )
    message = next((message for message in _VERSION_DELETED if message in text), None)
    if message:
        return RunError(
            "files of an older table version were deleted before they were read: "
            f"{_first_file(text) or _line_with(message, text)}; "
            "reset the watermarks that read it, so that it is read whole "
            "(docs/runbooks/maintenance.md)",
            code="RUN212",
        )
    return error


def _first_file(text: str) -> str:
    file = re.search(r"\b(?:s3a?|file):/\S+?\.parquet", text)
    return file[0] if file else ""


def _line_with(message: str, text: str) -> str:
    return next(line.strip() for line in text.splitlines() if message in line)
