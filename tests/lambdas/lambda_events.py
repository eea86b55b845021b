"""The events and the context that Lambda passes to a function."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parent / "events"


@dataclass
class Context:
    """The context that Lambda passes to a function."""

    function_name: str = "lakehouse-prod-sla_notifier"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:x"
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def event(kind: str, **detail: str) -> dict[str, Any]:
    """A recorded event with other details, such as job and run."""
    recorded: dict[str, Any] = json.loads((EVENTS / f"{kind}.json").read_text())
    return {**recorded, "detail": {**recorded["detail"], **detail}}


def at(moment: datetime) -> dict[str, Any]:
    """A recorded event of the schedule at this time."""
    return {**json.loads((EVENTS / "scheduled.json").read_text()), "time": moment.isoformat()}


YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
