"""An error has a stable code and a first line, and says what to do where Spark's own does not."""

from __future__ import annotations

import pytest

from glue_jobs.error_text import PublicError
from glue_jobs.errors import RunError, error_code, explain, first_line, may_pass


def test_a_run_error_begins_with_its_code() -> None:
    assert str(RunError("the source is down")) == "RUN001 the source is down"
    assert str(RunError("the source is down", code="RUN101")) == "RUN101 the source is down"


@pytest.mark.parametrize(
    ("error", "code"), [(RunError("x", code="RUN101"), "RUN101"), (KeyError("x"), "KeyError")]
)
def test_any_other_error_has_the_name_of_its_class_as_its_code(error: Exception, code: str) -> None:
    assert error_code(error) == code


ARROW = "When reading information for key 'b/k' in bucket 'a': "


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        # What a throttled S3 made of a read of few bytes.
        (
            "AWS Error INTERNAL_FAILURE during GetObject operation: Failed to flush response stream (eof: 0, "
            "bad: 1)",
            True,
        ),
        (f"{ARROW}AWS Error SLOW_DOWN during HeadObject operation: Please reduce your request rate.", True),
        (f"{ARROW}AWS Error UNKNOWN (HTTP status 503) during PutObject operation: No response body.", True),
        (f"{ARROW}AWS Error NETWORK_CONNECTION during GetObject operation: curlCode: 7", True),
        (f"{ARROW}AWS Error ACCESS_DENIED during HeadObject operation: No response body.", False),
        (f"{ARROW}AWS Error UNKNOWN (HTTP status 403) during HeadObject operation", False),
        ("[Errno 2] No such file", False),
    ],
)
def test_error_of_arrow_may_pass_where_s3_answers_again(text: str, passes: bool) -> None:
    assert may_pass(OSError(text)) is passes


def test_error_of_sparks_s3_client_may_pass_where_s3_answers_again() -> None:
    class Py4JJavaError(Exception):
        """As py4j names the errors of Java."""

    slow = "PUT 0-byte object on x: S3Exception: Please reduce (Service: S3, Status Code: 503, Request ID: 1)"
    assert may_pass(Py4JJavaError(slow))
    assert not may_pass(Py4JJavaError(slow.replace("503", "403")))
    assert not may_pass(ValueError(slow))


def test_the_first_line_is_the_first_that_is_not_blank() -> None:
    assert first_line(PublicError("\n\n  first \nsecond")) == "first"
    assert first_line(ValueError("")) == "ValueError"


def test_a_full_disk_is_said_as_such() -> None:
    error = explain(Exception("Job aborted.\n  java.io.IOException: No space left on device\n  at x"))
    assert isinstance(error, RunError)
    assert error.code == "RUN070"
    assert "java.io.IOException: No space left on device; make room" in str(error)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "FileNotFoundException: s3a://b/t/part-0.c000.zstd.parquet\n"
            "It is possible the underlying files have been updated.",
            "s3a://b/t/part-0.c000.zstd.parquet",
        ),
        ("[DELTA_TRUNCATED_TRANSACTION_LOG] the log of t is truncated", "[DELTA_TRUNCATED_TRANSACTION_LOG]"),
        ("Cannot time travel Delta table to version 3. Available: [5, 9]", "Cannot time travel"),
    ],
)
def test_a_deleted_version_is_named_with_the_way_to_go_on(text: str, names: str) -> None:
    error = explain(Exception(text))
    assert isinstance(error, RunError)
    assert error.code == "RUN212"
    assert names in str(error)
    assert "reset the watermarks" in str(error)


def test_other_errors_stay_as_they_are() -> None:
    for error in (ValueError("x"), RunError("No space left on device", code="RUN001")):
        assert explain(error) is error


@pytest.mark.parametrize("code", [0, 1, None, "stopped"])
def test_code_that_ends_the_process_is_an_error_whatever_its_exit_code(code: int | str | None) -> None:
    error = explain(SystemExit(code))
    assert isinstance(error, RunError)
    assert error.code == "RUN142"
