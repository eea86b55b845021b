"""Each type of job has a class that executes it."""

from __future__ import annotations

import pytest

from glue_jobs.errors import RunError
from glue_jobs.job_types.registry import job_type_for, rewind_for
from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs.run_harness import job


@pytest.mark.parametrize(
    ("job_type", "class_name"),
    [
        (JobType.INGEST, "Ingest"),
        (JobType.TRANSFORM, "Transform"),
        (JobType.SQL, "Sql"),
        (JobType.GATE, "Gate"),
        (JobType.REGISTER, "Register"),
        (JobType.PUBLISH, "Publish"),
        (JobType.MAINTAIN, "Maintain"),
    ],
)
def test_a_job_is_executed_by_the_class_of_its_type(job_type: JobType, class_name: str) -> None:
    assert type(job_type_for(job(type=job_type))).__name__ == class_name


def test_a_publish_knows_its_warehouse() -> None:
    assert (
        getattr(job_type_for(job(type=JobType.PUBLISH, warehouse="redshift")), "warehouse", "") == "redshift"
    )


def test_a_step_of_a_rewind_is_done_by_the_job_that_makes_the_table() -> None:
    jobs = {j.name: j for j in load_pipelines()["retail"].jobs}
    step = "gold.dim_customer/r-1a2b/2017-01-31"
    assert type(rewind_for(jobs["silver_to_gold"], step)).__name__ == "RewindStep"
    for name, text in (("bronze_to_silver", step), ("silver_to_gold", "gold.dim_customer")):
        with pytest.raises(RunError, match="RUN650"):
            rewind_for(jobs[name], text)
