"""Each type of job has a class that executes it."""

from __future__ import annotations

import pytest

from glue_jobs.job_types.registry import job_type_for
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
