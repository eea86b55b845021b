"""Every job of the retail pipeline as it is deployed: the same gold as from a run in one process."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lakehouse.pipelines import load_pipelines
from tests.deployed.conftest import _shared_stacks
from tests.deployed.deployed_jobs import DeployedJobs
from tests.retail.conftest import OpenRetailWorld
from tests.retail.retail_world import RetailWorld

__all__ = ["_shared_stacks"]
pytestmark = pytest.mark.slow
FIRST, LAST = date(2017, 1, 1), date(2017, 1, 2)


@pytest.fixture(scope="module")
def deployed(open_retail_world: OpenRetailWorld) -> tuple[RetailWorld, dict[str, dict[str, Any]]]:
    """The world, and the outcome of each deployed job."""
    world = open_retail_world("deployed")
    world.load(FIRST, LAST, dirt=0.02)
    jobs = DeployedJobs(world.env, world.overlay)
    jobs.upload()
    jobs.create(*(job.name for job in load_pipelines()["retail"].jobs))
    return world, world.run(LAST)


def test_every_deployed_job_succeeds(deployed: tuple[RetailWorld, dict[str, dict[str, Any]]]) -> None:
    _, outcomes = deployed
    failed = {job: outcome["error"] for job, outcome in outcomes.items() if outcome["status"] != "done"}
    assert failed == {}
    assert set(outcomes) == {job.name for job in load_pipelines()["retail"].jobs}


def test_deployed_pipeline_makes_the_gold_of_a_run_in_one_process(
    deployed: tuple[RetailWorld, dict[str, dict[str, Any]]], open_retail_world: OpenRetailWorld
) -> None:
    world, outcomes = deployed
    here = open_retail_world("here")
    here.load(FIRST, LAST, dirt=0.02)
    counted = ("rows in", "written", "quarantined", "deduplicated")
    in_process = here.run(LAST, "--pipeline", "retail", "--here")
    assert {job: [outcome[c] for c in counted] for job, outcome in outcomes.items()} == {
        job: [outcome[c] for c in counted] for job, outcome in in_process.items()
    }
    assert world.gold() == here.gold()
