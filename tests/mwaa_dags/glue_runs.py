"""Runs as Glue's GetJobRuns returns them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def ended(state: str, minutes_ago: float, lasted: float = 1, **more: Any) -> dict[str, Any]:
    """A run that ended so many minutes before NOW and lasted so many minutes."""
    end = NOW - timedelta(minutes=minutes_ago)
    return {"JobRunState": state, "StartedOn": end - timedelta(minutes=lasted), "CompletedOn": end, **more}
