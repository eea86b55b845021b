"""Turns the error that ended a query into one line with a code, where its cause is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from glue_jobs.errors import RunError
from glue_jobs.observability.redact import redact
from glue_jobs.streaming.micro_batch import MicroBatchWriter, StoppingError

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

_SAFE_TO_RESTART = "nothing of its last micro-batch was written twice or lost, start the job again"
# A function of the team raised it: its words may be those of any cause.
_OF_FUNCTION = "org.apache.spark.api.python.PythonException"
# (pattern in the JVM's text, code, cause): the first one that matches counts.
_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        "UnknownTopicOrPartition|topic \\S+ (was|has been) deleted|does not host this topic",
        "RUN103",
        "its topic is gone",
    ),
    (
        "some data may have been (lost|missed)|OffsetOutOfRange|failOnDataLoss",
        "RUN104",
        "messages that were not read yet are gone: the topic keeps them too short a time, or was made anew",
    ),
    (
        "StateSchemaNotCompatible|schema (for existing state|of the existing state)|STATE_STORE_\\w*SCHEMA",
        "RUN122",
        "its query keeps another state now",
    ),
    (
        "sources in the checkpoint offsets and now there are|stateful operator[^'\"]* (changed|mismatch)",
        "RUN122",
        "its query has other sources now",
    ),
    (
        "TimeoutException|Timed out waiting|DisconnectException|BrokerNotAvailable|bootstrap",
        "RUN101",
        f"Kafka cannot be reached; {_SAFE_TO_RESTART}",
    ),
)


def failure(table: str, query: StreamingQuery, writer: MicroBatchWriter) -> BaseException | None:
    """The error of a query that has ended; None when it was done or was asked to end."""
    if isinstance(writer.error, StoppingError):
        return None
    error = writer.error or query.exception()
    return None if error is None else explained(table, error)


def explained(table: str, error: BaseException) -> BaseException:
    """The error as a RunError with its cause, or the same error where the cause is unknown."""
    text = str(error)
    if isinstance(error, RunError) or _OF_FUNCTION in text:
        return error
    for pattern, code, cause in _CAUSES:
        match = re.search(pattern, text, re.IGNORECASE)
        if match is not None:
            # The line around the match may quote a message.
            return RunError(f"the stream into {table}: {cause} ({redact(match[0])[:300]})", code=code)
    return error
