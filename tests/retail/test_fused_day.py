"""A retail day as one Glue run: each job in the audit, the same gold, and what the run costs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.state.audit import Audit, Status
from lakehouse.pipelines import load_pipelines
from lakehouse.project import CACHE_VARIABLE, VARIABLE, Project
from tests.deployed.conftest import _shared_stacks
from tests.deployed.deployed_function import DeployedFunction
from tests.deployed.deployed_jobs import DeployedJobs
from tests.infra.job_parts import copied
from tests.retail import oracle
from tests.retail.conftest import OpenRetailWorld
from tests.retail.retail_world import RetailWorld, share_key

__all__ = ["_shared_stacks"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
FIRST, LAST = date(2017, 1, 1), date(2017, 1, 2)
FusedDay = tuple[RetailWorld, dict[str, Any], DeployedJobs]


@pytest.fixture(scope="module")
def fused(open_retail_world: OpenRetailWorld, tmp_path_factory: pytest.TempPathFactory) -> FusedDay:
    """The world, the one Glue run of `lakehouse run` with its outcomes, and the jobs with retail fused."""
    world = open_retail_world("fused")
    world.load(FIRST, LAST, dirt=0.02)
    root = copied(tmp_path_factory.mktemp("project"))
    Path(root, "pipelines/retail/settings.yml").write_text("fuse: true\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(Project.find().cache))
        patch.setenv(VARIABLE, str(root))
        jobs = DeployedJobs(world.env, world.overlay, root)
        jobs.rights.protect()
        jobs.upload()
        jobs.create("retail_fused", *(job.name for job in load_pipelines()["retail"].jobs))
        DeployedFunction(jobs, "start_run").create()
        words = ("--env", "local", "--run-date", str(LAST), "--pipeline", "retail", "--json")
        done = jobs.lakehouse("run", *words, timeout=1500)
        assert done.stdout, done.stderr
        (run,) = jobs.runs("retail_fused")
        return world, {**run, "outcomes": json.loads(done.stdout)}, jobs


def test_one_run_does_the_work_of_all_jobs_under_one_role(fused: FusedDay) -> None:
    world, run, jobs = fused
    assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")
    assert sorted({(entry.role, entry.message) for entry in jobs.refusals}) == []
    rows = {row.job: row.status for row in Audit(world.env).list(run_date=LAST)}
    assert rows == {job.name: Status.SUCCEEDED for job in load_pipelines()["retail"].jobs}


def test_command_that_starts_it_shows_how_each_job_ended_and_what_it_counted(fused: FusedDay) -> None:
    _, run, jobs = fused
    outcomes = {outcome["job"]: outcome for outcome in run["outcomes"]}
    assert {o["status"] for o in outcomes.values()} == {"done"}, outcomes
    assert set(outcomes) >= {job.name for job in load_pipelines()["retail"].jobs}
    assert outcomes["snowflake_to_bronze"]["written"] > 0
    single = [job.name for job in load_pipelines()["retail"].jobs]
    assert [jobs.runs(job) for job in single] == [[]] * len(single)


def test_fused_run_is_billed_for_less_than_its_jobs_alone(fused: FusedDay) -> None:
    world, run, _ = fused
    rows = Audit(world.env).list(run_date=LAST)
    dpu = run["MaxCapacity"]
    # Alone, each would have started Spark and been billed for a minute at least.
    alone = sum(max(60.0, row.seconds) for row in rows) * dpu
    assert run["DPUSeconds"] < alone, (run["DPUSeconds"], alone)


def test_gold_of_the_fused_day_is_that_of_single_jobs(
    fused: FusedDay, open_retail_world: OpenRetailWorld
) -> None:
    world, _, _ = fused
    oracle.assert_sales(world.table("gold.fact_sales").sort("order_id", "line_number"), FIRST, LAST)
    here = open_retail_world("here")
    share_key(world, here)
    here.load(FIRST, LAST, dirt=0.02)
    here.run(LAST, "--pipeline", "retail", "--here")
    gold, of_one_process = world.gold(), here.gold()
    assert {table: rows == of_one_process[table] for table, rows in gold.items()} == dict.fromkeys(gold, True)
