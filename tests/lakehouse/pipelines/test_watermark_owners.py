"""Every watermark that a job may move by its policy has an owner, and the lease that guards it."""

from __future__ import annotations

from fnmatch import fnmatchcase

from lakehouse.contracts import load_schemas
from lakehouse.environments import load_environment
from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.job_needs import job_needs
from lakehouse.pipelines.watermark_owners import owner_of, watermark_owners

JOBS = [job for pipeline in load_pipelines().values() for job in pipeline.jobs]
SCHEMAS, ENV = load_schemas(), load_environment("local")
OWNERS = watermark_owners(JOBS, SCHEMAS)


def test_each_job_may_move_what_it_owns_under_a_lease_that_it_may_take() -> None:
    for job in JOBS:
        needs = job_needs(job, SCHEMAS, ENV)
        for owner in OWNERS.values():
            if owner.job == job.name:
                assert any(fnmatchcase(owner.key, pattern) for pattern in needs.watermarks), owner
                assert any(fnmatchcase(owner.lease, pattern) for pattern in needs.leases), owner


def test_the_watermark_of_a_day_is_that_of_its_table() -> None:
    key = next(key for key, owner in OWNERS.items() if owner.follows == "tables")
    owner = owner_of(f"{key}@2017-01-31", OWNERS)
    assert owner is not None
    assert (owner.job, owner.day) == (OWNERS[key].job, "2017-01-31")
    assert owner_of("nobody.silver.orders", OWNERS) is None
    assert owner_of("nobody.silver.orders@2017-01-31", OWNERS) is None
