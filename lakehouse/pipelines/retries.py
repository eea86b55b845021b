"""How often a run tries its work again, how long it waits, and what contradicts that."""

from __future__ import annotations

from collections.abc import Iterator

from lakehouse.pipelines.job_fault import note_job
from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector

# Seconds before the first retry in a run; each later wait is twice as long, up to MAX_WAIT.
FIRST_WAIT = 5.0
MAX_WAIT = 60.0


def waits(retries: int) -> float:
    """Seconds that a run waits at most before all of its retries together."""
    return sum(min(FIRST_WAIT * 2.0**n, MAX_WAIT) for n in range(retries))


def check_retries(job: Job, faults: Collector) -> None:
    """Notes a job that contradicts itself (LK319).

    Its procs share one run, so they have one `retry_count`; the waits of that many retries fit into the
    timeout; and a backoff is the backoff of a retry.
    """
    for message, expected in _contradictions(job):
        note_job(faults, "LK319", job, f"job '{job.name}': {message}", expected)


def _contradictions(job: Job) -> Iterator[tuple[str, str]]:
    counts = {p.retry_count: p.name for p in job.procs}
    if len(counts) > 1:
        (one, name), (other, other_name), *_ = counts.items()
        message = f"procs '{name}' and '{other_name}' of one job have retry_count {one} and {other}"
        yield message, "one retry_count for the procs of a job"
    seconds, minutes = int(waits(job.retry_count)), job.timeout_minutes
    if minutes > 0 and seconds >= 60 * minutes:
        message = (
            f"{job.retry_count} retries wait {seconds} seconds, and the run ends after {minutes} minutes"
        )
        yield message, "fewer retries, or a longer timeout"
    if job.retry.backoff_seconds and not job.retry.retries:
        message = f"a backoff of {job.retry.backoff_seconds} seconds, and no retry that waits for it"
        yield message, "at least 1 retry, or no backoff"


def check_scheduler(job: Job, faults: Collector) -> None:
    """Notes a proc of Azure Data Factory that is no copy template (LK328): Data Factory runs nothing else."""
    for proc in job.procs:
        if proc.scheduler == "ADF" and proc.path and not proc.path.endswith(".json"):
            message = f"proc '{proc.name}' is scheduled by ADF, and '{proc.path}' is no copy template"
            note_job(
                faults, "LK328", job, message, "a .json copy template, or scheduler_type Airflow", value="ADF"
            )
