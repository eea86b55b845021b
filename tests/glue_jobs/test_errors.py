"""An error has a stable code and a first line, and says what to do where Spark's own does not."""

from __future__ import annotations

import pytest

from glue_jobs.error_text import PublicError
from glue_jobs.errors import RunError, error_code, explain, first_line


def test_a_run_error_begins_with_its_code() -> None:
    assert str(RunError("the source is down")) == "RUN001 the source is down"
    assert str(RunError("the source is down", code="RUN101")) == "RUN101 the source is down"


@pytest.mark.parametrize(
    ("error", "code"), [(RunError("x", code="RUN101"), "RUN101"), (KeyError("x"), "KeyError")]
)
def test_any_other_error_has_the_name_of_its_class_as_its_code(error: Exception, code: str) -> None:
    assert error_code(error) == code


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
