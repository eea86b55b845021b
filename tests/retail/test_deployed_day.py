"""Every job of the retail pipeline as it is deployed: the same gold as from a run in one process."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lakehouse.pipelines import load_pipelines
from tests.deployed.conftest import _shared_stacks
from tests.deployed.deployed_function import DeployedFunction
from tests.deployed.deployed_jobs import DeployedJobs
from tests.retail import oracle
from tests.retail.conftest import OpenRetailWorld
from tests.retail.retail_world import RetailWorld, share_key

__all__ = ["_shared_stacks"]
# Twelve runs start Java: 13 minutes on a machine on which others work, too.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]
DeployedDay = tuple[RetailWorld, dict[str, dict[str, Any]], DeployedJobs]
FIRST, LAST = date(2017, 1, 1), date(2017, 1, 2)


@pytest.fixture(scope="module")
def deployed(open_retail_world: OpenRetailWorld) -> DeployedDay:
    """The world, the outcome of each deployed job, and the jobs."""
    world = open_retail_world("deployed")
    world.load(FIRST, LAST, dirt=0.02)
    jobs = DeployedJobs(world.env, world.overlay)
    jobs.rights.protect()
    jobs.upload()
    jobs.create(*(job.name for job in load_pipelines()["retail"].jobs))
    DeployedFunction(jobs, "start_run").create()
    return world, world.run(LAST), jobs


def test_every_deployed_job_succeeds(deployed: DeployedDay) -> None:
    _, outcomes, _ = deployed
    failed = {job: outcome["error"] for job, outcome in outcomes.items() if outcome["status"] != "done"}
    assert failed == {}
    assert set(outcomes) == {job.name for job in load_pipelines()["retail"].jobs}


def test_no_call_of_a_job_or_of_the_function_is_refused(deployed: DeployedDay) -> None:
    _, _, jobs = deployed
    assert sorted({(entry.role, entry.message) for entry in jobs.refusals}) == []


def test_sales_of_the_deployed_pipeline_equal_an_independent_computation(deployed: DeployedDay) -> None:
    world, _, _ = deployed
    lines = world.table("gold.fact_sales").sort("order_id", "line_number")
    oracle.assert_sales(lines, FIRST, LAST)


def test_deployed_pipeline_makes_the_gold_of_a_run_in_one_process(
    deployed: DeployedDay, open_retail_world: OpenRetailWorld
) -> None:
    world, outcomes, _ = deployed
    here = open_retail_world("here")
    share_key(world, here)
    here.load(FIRST, LAST, dirt=0.02)
    counted = ("rows in", "written", "quarantined", "deduplicated")
    in_process = here.run(LAST, "--pipeline", "retail", "--here")
    assert {job: [outcome[c] for c in counted] for job, outcome in outcomes.items()} == {
        job: [outcome[c] for c in counted] for job, outcome in in_process.items()
    }
    gold, of_one_process = world.gold(), here.gold()
    different = {
        table: [row for row in rows if row not in set(of_one_process[table])][:3]
        for table, rows in gold.items()
        if rows != of_one_process[table]
    }
    assert different == {}
