"""What ended a query, as an error of one line where it is known what it means."""

from __future__ import annotations

import re
from typing import Any

from glue_jobs.errors import RunError
from glue_jobs.observability.redact import redact
from glue_jobs.streaming.micro_batch import Batches, StoppingError

_AGAIN = "nothing of its last micro-batch was written twice or lost, start the job again"
# (what the JVM says, code, what that means): the first that is found.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        "UnknownTopicOrPartition|topic .* (was|has been) deleted|does not host this topic",
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
        "sources in the checkpoint offsets and now there are|stateful operator.* (changed|mismatch)",
        "RUN122",
        "its query has other sources now",
    ),
    (
        "TimeoutException|Timed out waiting|DisconnectException|BrokerNotAvailable|bootstrap",
        "RUN101",
        f"Kafka cannot be reached; {_AGAIN}",
    ),
)


def failure(table: str, query: Any, batches: Batches) -> BaseException | None:
    """None when the query ended because it was done or was asked to end."""
    if isinstance(batches.error, StoppingError):
        return None
    raised = query.exception()
    if batches.error is not None or raised is None:
        return _known(table, batches.error)
    return _known(table, raised)


def _known(table: str, error: BaseException | None) -> BaseException | None:
    if error is None or isinstance(error, RunError):
        return error
    text = str(error)
    for pattern, code, meaning in _KNOWN:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            line = next(line for line in text.splitlines() if re.search(pattern, line, re.IGNORECASE))
            return RunError(f"the stream into {table}: {meaning} ({redact(line.strip())[:300]})", code=code)
    return error
