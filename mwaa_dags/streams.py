"""Whether a continuous job must be started, judged from its newest runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lakehouse.pipelines.model import Retry

ALIVE = frozenset({"STARTING", "RUNNING", "STOPPING", "WAITING"})
# A run that lasted so long was sound: what ended it is no loop of failures.
SOUND = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """`failures`: so many short runs failed in a row. `wait`: how long until the next start; zero is now."""

    running: bool
    failures: int
    wait: timedelta


def judge(runs: Sequence[dict[str, Any]], retry: Retry, now: datetime) -> Verdict:
    """`runs` as Glue's GetJobRuns returns them, the newest first. The wait doubles with each failure in a row."""
    if any(run["JobRunState"] in ALIVE for run in runs):
        return Verdict(True, 0, timedelta(0))
    failures = 0
    for run in runs:
        ended = run.get("CompletedOn") or run["StartedOn"]
        if run["JobRunState"] in ("SUCCEEDED", "STOPPED") or ended - run["StartedOn"] >= SOUND:
            break
        failures += 1
    if not failures:
        return Verdict(False, 0, timedelta(0))
    backoff = min(timedelta(seconds=retry.backoff_seconds * 2 ** (failures - 1)), LONGEST_WAIT)
    over = now - (runs[0].get("CompletedOn") or runs[0]["StartedOn"])
    return Verdict(False, failures, max(backoff - over, timedelta(0)))
