"""What is said of an error holds no value of a row, whoever raised it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError
from snowflake.connector.errors import ProgrammingError

from glue_jobs.error_text import public_text, public_trace, without_values
from glue_jobs.errors import RunError, first_line
from glue_jobs.observability import logs
from glue_jobs.observability.lineage_facets import LineageRun, run_facets
from lakehouse.environments import load_environment

CANARY = "canary-4711@example.org"
SPARK = (
    f'[CAST_INVALID_INPUT] The value \'{CANARY}\' of the type "STRING" cannot be cast to "INT" because it is '
    "malformed. SQLSTATE: 22018\n\tat org.apache.spark.SparkNumberFormatException: "
)
DELTA = (
    "org.apache.spark.sql.delta.schema.DeltaInvariantViolationException: "
    f"[DELTA_VIOLATE_CONSTRAINT_WITH_VALUES] CHECK constraint email_sound (a) violated by row with values:\n"
    f" - email : {CANARY}"
)
UDF = (
    f'Traceback\n  File "/srv/work/transforms/gold.py", line 12, in f\n    raise\nValueError: bad {CANARY}\n'
)


class PythonException(Exception):
    """Stands for PySpark's, which carries the traceback of a worker as its text."""


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def of_redshift() -> Exception:
    return ValueError({"S": "ERROR", "C": "22P02", "M": f'invalid input syntax for integer: "{CANARY}"'})


ERRORS: dict[str, tuple[Callable[[], Exception], tuple[str, ...]]] = {
    "python": (lambda: ValueError(f"could not convert string to float: '{CANARY}'"), ("ValueError",)),
    "key": (lambda: KeyError(CANARY), ("KeyError",)),
    "worker": (lambda: PythonException(UDF), ("PythonException", "transforms/gold.py:12")),
    "spark": (lambda: RuntimeError(SPARK), ("CAST_INVALID_INPUT", "SparkNumberFormatException")),
    "delta": (lambda: RuntimeError(DELTA), ("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "column email_sound")),
    "redshift": (of_redshift, ("22P02",)),
    "snowflake": (
        lambda: ProgrammingError(
            f"Numeric value '{CANARY}' is not recognized", errno=100038, sqlstate="22018"
        ),
        ("100038", "22018", "ProgrammingError"),
    ),
    "postgres": (
        lambda: psycopg.errors.UniqueViolation(f"duplicate key\nDETAIL: Key (email)=({CANARY}) exists."),
        ("23505", "UniqueViolation"),
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_a_row_is_cut_to_class_code_and_line(name: str) -> None:
    make, said = ERRORS[name]
    error = raised(make())
    assert all(word in public_text(error) for word in said), public_text(error)
    facets = run_facets(LineageRun(date(2017, 1, 1)), "x", error)
    for text in (public_text(error), first_line(error), public_trace(error), str(facets)):
        assert CANARY not in text


@pytest.mark.parametrize("name", ERRORS)
def test_no_log_line_of_an_error_quotes_the_row(name: str) -> None:
    stream, error = StringIO(), raised(ERRORS[name][0]())
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.configure(load_environment("dev"), stream=stream)
    try:
        log = logging.getLogger("rows")
        log.warning("files stay: %s", error)
        log.error(error)
        log.error("failed", extra={"reason": error})
        try:
            raise RunError("it failed") from error
        except RunError:
            log.exception("run failed")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert CANARY not in stream.getvalue()
    assert stream.getvalue().count(type(error).__name__) >= 4


def test_words_of_code_and_facts_are_shown() -> None:
    denied: dict[str, Any] = {"Error": {"Code": "AccessDenied", "Message": "no right to s3://bucket"}}
    assert "no right to s3://bucket" in public_text(ClientError(denied, "PutObject"))
    assert public_text(RunError("RATE is missing", code="RUN001")) == "RUN001 RATE is missing"
    assert public_text(ModuleNotFoundError("No module named 'x'")) == "No module named 'x'"
    assert public_text(raised(FileNotFoundError(2, "No such file", "a.csv"))).endswith("'a.csv'")


def test_a_message_that_stands_in_the_code_is_shown() -> None:
    with pytest.raises(ValueError, match="rates") as caught:
        raise ValueError("no rates for this day")
    assert public_text(caught.value) == "no rates for this day"


def test_values_go_and_names_stay_in_a_message_of_postgresql() -> None:
    text = 'null value in column "email" of relation "people": invalid input syntax for type integer: "x y"'
    assert without_values(text) == text.replace('"x y"', "…")
    assert without_values("value 'Ann' is out of range") == "value … is out of range"


@pytest.mark.parametrize(
    ("resource", "shown"),
    [
        (f'"arn:aws:s3:::raw-1/people/{CANARY}"', "arn:aws:s3:::raw-1"),
        ("arn:aws:kms:eu-central-1:1:key/12-ab", "arn:aws:kms:eu-central-1:1:key/12-ab"),
        (None, "*"),
    ],
)
def test_refusal_that_java_quotes_names_action_and_bucket_and_no_key(
    resource: str | None, shown: str
) -> None:
    target = f" on resource: {resource}" if resource else ""
    refused = f"User: arn:aws:sts::1:assumed-role/job/run is not authorized to perform: s3:GetObject{target}"
    text = public_text(
        PythonException(f"com.amazonaws.AmazonS3Exception: {refused} because no policy allows it")
    )
    assert f"the role is not authorized to perform: s3:GetObject on {shown} " in text
    assert CANARY not in text
