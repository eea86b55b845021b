"""The jobs of a fused run: their order, their retries, and what one failure stops."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from glue_jobs.errors import RunError
from glue_jobs.fused import FusedRun
from lakehouse.pipelines import Job
from lakehouse.pipelines.model import Retry


def job(name: str, *after: str, retries: int = 0, backoff: int = 60) -> Job:
    return Job(
        job_id=name,
        name=name,
        pipeline="trips",
        kind="batch",
        schedule="0 2 * * *",
        owner="city",
        environments=("local",),
        description="",
        retry=Retry(retries, backoff),
        failure_notification="#city",
        depends_on=after,
        procs=(),
    )


@dataclass
class Session:
    """Runs jobs that fail a stated number of times; its clock moves only by sleeping."""

    failures: dict[str, int]
    order: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def run(self, job: Job) -> None:
        self.order.append(job.name)
        if self.failures.get(job.name, 0):
            self.failures[job.name] -= 1
            raise RunError(f"{job.name} broke", code="RUN101")

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def execute(self, *jobs: Job) -> FusedRun:
        fused = FusedRun(jobs, self.run, clock=lambda: sum(self.waits), sleep=self.sleep)
        fused.execute()
        return fused


def test_each_job_runs_once_after_those_of_this_run_that_it_waits_for() -> None:
    session = Session({})
    session.execute(job("gold", "silver"), job("silver", "bronze", "of_another_pipeline"), job("bronze"))
    assert session.order == ["bronze", "silver", "gold"]


def test_job_is_tried_again_by_its_own_row_and_others_go_on_meanwhile() -> None:
    session = Session({"first": 2})
    session.execute(job("first", retries=2, backoff=60), job("second"), job("third", "first"))
    assert session.order == ["first", "second", "first", "first", "third"]
    assert session.waits == [60, 120]


def test_job_past_its_retries_stops_what_follows_it_alone() -> None:
    session = Session({"first": 9})
    with pytest.raises(RunError) as raised:
        session.execute(
            job("first", retries=1, backoff=1), job("beside"), job("after", "first"), job("last", "after")
        )
    assert session.order == ["first", "beside", "first"]
    message = str(raised.value)
    assert message == "RUN693 1 of 4 jobs failed: first: RUN101 first broke; not run: after, last"


def test_wait_for_a_retry_is_an_hour_at_most() -> None:
    session = Session({"first": 3})
    session.execute(job("first", retries=3, backoff=1800))
    assert session.waits == [1800, 3600, 3600]
