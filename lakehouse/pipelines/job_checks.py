"""Checks of jobs that `lakehouse validate`, the stack and a run share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lakehouse.contracts.contract import Contract
from lakehouse.pipelines.function_checks import check_functions
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.publish_checks import check_publish
from lakehouse.pipelines.retries import check_retries, check_scheduler
from lakehouse.pipelines.source_binding import check_origins
from lakehouse.pipelines.table_checks import check_tables
from lakehouse.reading.faults import Collector


def check_jobs(
    jobs: Sequence[Job], contracts: Mapping[str, Contract], declared: Collection[str], faults: Collector
) -> None:
    """Notes what does not fit between all jobs of a project, their contracts and their functions.

    `contracts` are those that can be read, `declared` the tables that have a contract file, sound or not.
    """
    for job in jobs:
        check_job(job, contracts, declared, faults)
    check_origins(jobs, contracts, faults)


def check_job(
    job: Job, contracts: Mapping[str, Contract], declared: Collection[str], faults: Collector
) -> None:
    """Notes what does not fit between one job, its contracts and its functions.

    A run asks this before Spark starts.
    """
    check_tables([job], declared, faults)
    check_functions([job], contracts, faults)
    check_publish(job, contracts, faults)
    check_retries(job, faults)
    check_scheduler(job, faults)
