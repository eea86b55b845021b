"""`lakehouse run` starts the deployed jobs of a world, follows them, and shows what became of the rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date

import pytest

from lakehouse.project import project_root
from tests.deployed.deployed_jobs import DeployedJobs
from tests.deployed.landed import land

DAY = date(2017, 1, 2)
INGEST = "crm_to_bronze"


@pytest.fixture(scope="module")
def world(deployed: DeployedJobs) -> DeployedJobs:
    land(deployed.env, DAY)
    deployed.create(INGEST, "setup_databases")
    return deployed


def _lakehouse_run(world: DeployedJobs, *words: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "LAKEHOUSE_OVERLAY": str(world.overlay), "LAKEHOUSE_LOGS": str(world.logs)}
    return subprocess.run(
        [sys.executable, "-m", "cli", "run", "--env", "local", "--run-date", str(DAY), *words],
        cwd=project_root(),
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_deployed_job_is_started_followed_and_counted(world: DeployedJobs) -> None:
    done = _lakehouse_run(world, "--job", INGEST, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (outcome,) = json.loads(done.stdout)
    assert outcome["status"] == "done"
    assert outcome["rows in"] == outcome["written"] + outcome["quarantined"] + outcome["deduplicated"] > 0
    (run,) = world.runs(INGEST)
    assert (run["JobRunState"], run["Arguments"]) == ("SUCCEEDED", {"--run-date": str(DAY)})
    (log,) = world.logs.glob("run-local-*.jsonl")
    messages = [json.loads(line)["message"] for line in log.read_text().splitlines() if line.startswith("{")]
    assert "run succeeded" in messages


def test_parameters_reach_the_deployed_job_and_unknown_ones_start_no_run(world: DeployedJobs) -> None:
    refused = _lakehouse_run(world, "--job", "setup_databases", "--param", "no_such_parameter=1")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "RUN051 job setup_databases has no parameter 'no_such_parameter'" in refused.stderr
    assert world.runs("setup_databases") == []
    done = _lakehouse_run(world, "--job", "setup_databases", "--param", "window_days=7")
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = world.runs("setup_databases")
    assert json.loads(run["Arguments"]["--params"]) == {"window_days": "7"}


def test_job_that_is_not_deployed_beside_deployed_ones_is_refused(world: DeployedJobs) -> None:
    done = _lakehouse_run(world, "--pipeline", "kafka_traffic_pipeline")
    assert done.returncode == 1
    assert "RUN521 not deployed in 'local': traffic_data_clean" in done.stderr
