"""Jobs against contracts: every table that a job names has a contract."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lakehouse.pipelines.job_fault import note_job
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.params import ALL
from lakehouse.reading.faults import Collector


def check_tables(jobs: Sequence[Job], contracts: Collection[str], faults: Collector) -> None:
    """Notes every table that a job names and that has no contract."""
    for job in jobs:
        for table in dict.fromkeys((*job.reads, *job.writes, *(t for t in job.maintains if t != ALL))):
            if table not in contracts:
                message = f"job '{job.name}' names {table}, which has no contract"
                note_job(faults, "LK315", job, message, "a contract in schemas/", table, contracts)
