"""Runs the jobs of a fused pipeline in one session: each with its audit row, leases and retries."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from glue_jobs.errors import RunError, first_line
from glue_jobs.observability.lineage import Parent
from glue_jobs.run_request import RunRequest
from glue_jobs.runner import run_job
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment
from lakehouse.pipelines import Job

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)
# As Airflow's tasks: the wait doubles with each retry, up to an hour.
_LONGEST_WAIT = 3600.0


class FusedRunError(RunError):
    """Some jobs of a fused run have failed past their retries; the others have run."""

    code = "RUN693"


@dataclass
class FusedRun:
    """`run` does the work of one job and raises its error.

    One job runs at a time; while one waits for its retry, others go on.
    """

    jobs: Sequence[Job]
    run: Callable[[Job], None]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    _attempts: dict[str, int] = field(default_factory=dict)
    _not_before: dict[str, float] = field(default_factory=dict)

    def execute(self) -> None:
        """Raises FusedRunError (RUN693) with every job that failed, and those that waited for it."""
        names = {job.name for job in self.jobs}
        while ready := self._ready(names):
            job = min(ready, key=lambda j: self._not_before.get(j.name, 0.0))
            if (wait := self._not_before.get(job.name, 0.0) - self.clock()) > 0:
                log.info("%s is tried again in %.0f s", job.name, wait)
                self.sleep(wait)
            self._try(job)
        if self.failed:
            skipped = [job.name for job in self.jobs if job.name not in {*self.done, *self.failed}]
            after = f"; not run: {', '.join(skipped)}" if skipped else ""
            texts = "; ".join(f"{name}: {error}" for name, error in self.failed.items())
            raise FusedRunError(f"{len(self.failed)} of {len(self.jobs)} jobs failed: {texts}{after}")

    def _ready(self, names: set[str]) -> list[Job]:
        """Jobs that have not ended, and whose dependencies in this run are done."""
        left = [job for job in self.jobs if job.name not in self.done and job.name not in self.failed]
        return [job for job in left if {*job.depends_on} & names <= self.done]

    def _try(self, job: Job) -> None:
        attempt = self._attempts[job.name] = self._attempts.get(job.name, 0) + 1
        try:
            self.run(job)
            self.done.add(job.name)
        except Exception as error:
            if attempt <= job.retry.retries:
                wait = min(job.retry.backoff_seconds * 2.0 ** (attempt - 1), _LONGEST_WAIT)
                self._not_before[job.name] = self.clock() + wait
                return
            self.failed[job.name] = first_line(error)


def run_fused(
    env: Environment,
    schemas: Schemas,
    spark: SparkSession,
    fused: Job,
    run_date: date,
    requested_by: str = "",
) -> None:
    """Run the members of a fused job for a day. Raises FusedRunError."""
    parent = Parent(fused.pipeline, str(uuid.uuid4()))

    def run(job: Job) -> None:
        request = RunRequest(job, run_date, parent=parent, requested_by=requested_by)
        run_job(env, schemas, spark, request)

    FusedRun(fused.members, run).execute()
