"""How often work is tried again, in a run and by its scheduler, and how long a run waits between its tries."""

from __future__ import annotations

from lakehouse.pipelines.model import Job, Proc
from lakehouse.reading.faults import Collector

# Seconds before the first retry in a run; each later wait is twice as long, up to MAX_WAIT.
FIRST_WAIT = 5.0
MAX_WAIT = 60.0


def waits(retries: int) -> float:
    """Seconds that a run waits at most before all of its retries together."""
    return sum(min(FIRST_WAIT * 2.0**n, MAX_WAIT) for n in range(retries))


def check_retries(job: Job, faults: Collector) -> None:
    """Notes a job that contradicts itself (LK319).

    Its procs share one run, so they say one `retry_count`; the waits of that many retries fit into the timeout;
    and a backoff is the backoff of a retry.
    """
    counts = {p.retry_count: p for p in job.procs}
    if len(counts) > 1:
        first, second, *_ = counts.values()
        message = f"procs '{first.name}' and '{second.name}' of one job have retry_count {first.retry_count} and {second.retry_count}"
        _note(job, message, "one retry_count for the procs of a job", faults)
    if job.timeout_minutes > 0 and waits(job.retry_count) >= 60 * job.timeout_minutes:
        seconds = int(waits(job.retry_count))
        message = f"{job.retry_count} retries wait {seconds} seconds, and the run ends after {job.timeout_minutes} minutes"
        _note(job, message, "fewer retries, or a longer timeout", faults)
    if job.retry.backoff_seconds and not job.retry.retries:
        message = f"a backoff of {job.retry.backoff_seconds} seconds, and no retry that waits for it"
        _note(job, message, "at least 1 retry, or no backoff", faults)


def check_scheduler(proc: Proc, location: str, faults: Collector) -> None:
    """Notes a proc of Azure Data Factory that is no copy template (LK328): Data Factory copies, and runs nothing else."""
    if proc.scheduler == "ADF" and proc.path and not proc.path.endswith(".json"):
        message = f"proc '{proc.name}' is scheduled by ADF, and '{proc.path}' is no copy template"
        file, _, line = location.rpartition(":")
        expected = "a .json copy template, or scheduler_type Airflow"
        faults.add("LK328", message, file=faults.root / file, at=(int(line), 0), wanted=expected, value="ADF")


def _note(job: Job, what: str, wanted: str, faults: Collector) -> None:
    file, _, line = job.place.rpartition(":")
    faults.add(
        "LK319", f"job '{job.name}': {what}", file=faults.root / file, at=(int(line), 0), wanted=wanted
    )
