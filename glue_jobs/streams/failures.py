"""What ended a query, as an error of one line."""

from __future__ import annotations

from typing import Any

from glue_jobs.streams.query import Batches, StoppingError


def failure(table: str, query: Any, batches: Batches) -> BaseException | None:
    """None when the query ended because it was done or was asked to end."""
    raised = query.exception()
    if isinstance(batches.error, StoppingError) or "StoppingError" in str(raised):
        return None
    return batches.error or raised
