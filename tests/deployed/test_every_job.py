"""Every job of this project under its own role on the embedded Glue: nothing that it needs is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cli.local.rights import used_rights
from lakehouse.pipelines import load_pipelines
from sample_data.load import SETS
from tests.deployed.deployed_function import DeployedFunction
from tests.deployed.deployed_jobs import DeployedJobs
from tests.deployed.unused_rights import without_reason
from tests.retail.conftest import OpenRetailWorld, open_retail_world

__all__ = ["open_retail_world"]
# More than thirty runs, each of which starts Java.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]
FIRST, LAST = date(2017, 1, 1), date(2017, 1, 2)
# A loan needs half a year to default, and a key figure some loans.
HALF_YEAR = date(2017, 6, 30)
# Whoever is read comes before who reads. A pipeline takes along the gates that judge what it makes.
ORDER = (
    "retail",
    "crm",
    "customer_features",
    "loans",
    "member_changes",
    "gap_injection_with_kafka",
    "kafka_to_lakebase",
    "kafka_traffic_pipeline",
    "maintenance",
)
EveryJob = tuple[dict[str, dict[str, Any]], DeployedJobs]


@pytest.fixture(scope="module")
def deployed(open_retail_world: OpenRetailWorld) -> EveryJob:
    """The outcome of each job, and the jobs."""
    pipelines = load_pipelines()
    world = open_retail_world("every-job")
    world.load(FIRST, LAST, sets=[name for name in SETS if name != "loans"])
    world.load(FIRST, HALF_YEAR, sets=["loans"])
    jobs = DeployedJobs(world.env, world.overlay)
    jobs.rights.protect()
    jobs.upload()
    jobs.create(*(job.name for pipeline in pipelines.values() for job in pipeline.jobs))
    DeployedFunction(jobs, "start_run").create()
    outcomes: dict[str, dict[str, Any]] = {}
    for name in ORDER:
        day = HALF_YEAR if name == "loans" else LAST
        outcomes |= world.run(day, "--pipeline", name)
    return outcomes, jobs


def test_every_job_succeeds(deployed: EveryJob) -> None:
    outcomes, _ = deployed
    failed = {job: outcome["error"] for job, outcome in outcomes.items() if outcome["status"] != "done"}
    assert failed == {}
    pipelines = load_pipelines()
    assert set(outcomes) >= {job.name for name in (*ORDER, "quality") for job in pipelines[name].jobs}


def test_every_job_was_a_run_of_the_embedded_glue(deployed: EveryJob) -> None:
    outcomes, jobs = deployed
    states = {job: {run["JobRunState"] for run in jobs.runs(job)} for job in outcomes}
    assert states == {job: {"SUCCEEDED"} for job in outcomes}


def test_nothing_is_refused(deployed: EveryJob) -> None:
    _, jobs = deployed
    assert sorted({(entry.role, entry.message) for entry in jobs.refusals}) == []


def test_rights_are_used_or_have_a_reason(deployed: EveryJob) -> None:
    _, jobs = deployed
    rights = used_rights(jobs.env, jobs.overlay.parent)
    idle = {role.role: without_reason(role) for role in rights}
    assert sum(map(len, idle.values())) <= 0.05 * sum(role.granted for role in rights), idle
