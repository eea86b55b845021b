"""Which jobs of a DAG run took longer than they may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from lakehouse.pipelines import Job


def late(
    jobs: Sequence[Job], runs: Mapping[str, Sequence[dict[str, Any]]], day: str, since: datetime
) -> list[str]:
    """One line for each late job. `runs`: job → its runs as Glue's GetJobRuns returns them; only those of `day` that started at `since` or later count.

    From the start of the first attempt to the end of the one that succeeded, as the SLA of a job is meant.
    """
    found = []
    for job in jobs:
        of_day = [r for r in runs.get(job.name, ()) if r.get("Arguments", {}).get("--run-date") == day]
        own = [r for r in of_day if r.get("StartedOn") and r["StartedOn"] >= since]
        ended = [r["CompletedOn"] for r in own if r["JobRunState"] == "SUCCEEDED"]
        took = max(ended) - min(r["StartedOn"] for r in own) if ended else timedelta(0)
        if job.sla_minutes and took > timedelta(minutes=job.sla_minutes):
            found.append(
                f"{job.name} of {day} took {took.total_seconds() / 60:.0f} min; its SLA is {job.sla_minutes} min"
            )
    return found
