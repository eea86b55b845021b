"""Finds the jobs of a DAG run that missed their SLA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from lakehouse.pipelines import Job


def sla_misses(
    jobs: Sequence[Job],
    runs: Mapping[str, Sequence[dict[str, Any]]],
    day: str,
    since: datetime,
    max_minutes: int,
) -> list[str]:
    """One line per job that took longer than its SLA, from the start of its first attempt to its success.

    `runs` maps a job to its runs as Glue's GetJobRuns returns them. Only runs of `day` that started at
    `since` or later count. `max_minutes`: the longest run of the environment.
    """
    misses = []
    for job in jobs:
        of_day = [r for r in runs.get(job.name, ()) if r.get("Arguments", {}).get("--run-date") == day]
        attempts = [r for r in of_day if r.get("StartedOn") and r["StartedOn"] >= since]
        ended = [r["CompletedOn"] for r in attempts if r["JobRunState"] == "SUCCEEDED"]
        duration = max(ended) - min(r["StartedOn"] for r in attempts) if ended else timedelta(0)
        sla_minutes = job.sla_within(max_minutes)
        if sla_minutes and duration > timedelta(minutes=sla_minutes):
            minutes = duration.total_seconds() / 60
            misses.append(f"{job.name} of {day} took {minutes:.0f} min; its SLA is {sla_minutes} min")
    return misses
