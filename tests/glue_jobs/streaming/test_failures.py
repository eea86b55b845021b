"""What the JVM says of a query that ended, in one line with a code."""

from __future__ import annotations

import pytest

from glue_jobs.errors import RunError
from glue_jobs.streaming.failures import explained


@pytest.mark.parametrize(
    ("text", "code", "cause"),
    [
        ("org.apache.kafka...UnknownTopicOrPartitionException: gone", "RUN103", "its topic is gone"),
        ("Some data may have been lost because they are not available", "RUN104", "are gone"),
        ("StateSchemaNotCompatible: key schema", "RUN122", "its query keeps another state now"),
        ("There are [1] sources in the checkpoint offsets and now there are [2]", "RUN122", "other sources"),
        ("TimeoutException: Timed out waiting for a node assignment", "RUN101", "Kafka cannot be reached"),
    ],
)
def test_a_known_cause_is_said_with_its_line(text: str, code: str, cause: str) -> None:
    error = explained("bronze.events", RuntimeError(f"Py4JJavaError\n  at Foo.java:1\n  {text}\n  at Bar"))
    assert isinstance(error, RunError)
    assert (error.code, cause in str(error), text in str(error)) == (code, True, True)
    assert "Foo.java" not in str(error)


def test_an_unknown_cause_stays_as_it_was() -> None:
    error = ValueError("something else")
    assert explained("bronze.events", error) is error


def test_an_error_with_a_code_stays_as_it_was() -> None:
    error = RunError("the topic has been deleted", code="RUN202")
    assert explained("bronze.events", error) is error
