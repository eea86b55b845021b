"""What the JVM says of a query that ended, in one line with a code."""

from __future__ import annotations

import pytest

from glue_jobs.errors import RunError
from glue_jobs.streaming.failures import explained


@pytest.mark.parametrize(
    ("text", "code", "cause"),
    [
        ("org.apache.kafka...UnknownTopicOrPartition", "RUN103", "its topic is gone"),
        ("topic clicks has been deleted", "RUN103", "its topic is gone"),
        ("Some data may have been lost", "RUN104", "are gone"),
        ("StateSchemaNotCompatible", "RUN122", "its query keeps another state now"),
        ("sources in the checkpoint offsets and now there are", "RUN122", "other sources"),
        ("TimeoutException", "RUN101", "Kafka cannot be reached"),
    ],
)
def test_a_known_cause_is_said_with_its_words_and_no_more_of_its_line(
    text: str, code: str, cause: str
) -> None:
    line = f"the row (ann@x.example): {text}, of ann@x.example"
    error = explained("bronze.events", RuntimeError(f"Py4JJavaError\n  at Foo.java:1\n  {line}\n  at Bar"))
    assert isinstance(error, RunError)
    words = text.removeprefix("org.apache.kafka...")
    assert (error.code, cause in str(error), words in str(error)) == (code, True, True)
    assert "Foo.java" not in str(error)
    assert "example" not in str(error)


def test_an_error_of_a_function_is_no_error_of_kafka() -> None:
    error = ValueError("org.apache.spark.api.python.PythonException: ValueError: TimeoutException in a row")
    assert explained("bronze.events", error) is error


def test_an_unknown_cause_stays_as_it_was() -> None:
    error = ValueError("something else")
    assert explained("bronze.events", error) is error


def test_an_error_with_a_code_stays_as_it_was() -> None:
    error = RunError("the topic has been deleted", code="RUN202")
    assert explained("bronze.events", error) is error
