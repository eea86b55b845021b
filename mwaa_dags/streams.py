"""Decides from a continuous job's newest runs whether it must be started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lakehouse.pipelines.model import Retry

ALIVE = frozenset({"STARTING", "RUNNING", "STOPPING", "WAITING"})
# A run that lasted this long was healthy: its failure does not continue a series of failures.
HEALTHY = timedelta(hours=1)
MAX_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class RestartDecision:
    """`failures`: short runs that failed in a row. `wait`: the time until the next start; zero is now."""

    running: bool
    failures: int
    wait: timedelta


def restart_decision(runs: Sequence[dict[str, Any]], retry: Retry, now: datetime) -> RestartDecision:
    """Whether to start a job. The wait doubles with each failure in a row, up to an hour.

    `runs` are as Glue's GetJobRuns returns them, the newest first.
    """
    if any(run["JobRunState"] in ALIVE for run in runs):
        return RestartDecision(True, 0, timedelta(0))
    failures = 0
    for run in runs:
        ended = run.get("CompletedOn") or run["StartedOn"]
        if run["JobRunState"] in ("SUCCEEDED", "STOPPED") or ended - run["StartedOn"] >= HEALTHY:
            break
        failures += 1
    if not failures:
        return RestartDecision(False, 0, timedelta(0))
    backoff = min(timedelta(seconds=retry.backoff_seconds * 2 ** (failures - 1)), MAX_WAIT)
    since_end = now - (runs[0].get("CompletedOn") or runs[0]["StartedOn"])
    return RestartDecision(False, failures, max(backoff - since_end, timedelta(0)))
