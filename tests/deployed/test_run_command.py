"""`lakehouse run` starts the deployed jobs of a world, follows them, and shows what became of the rows."""

from __future__ import annotations

import json
import subprocess
from datetime import date

import pytest
from botocore.exceptions import ClientError

from cli.run.start import start_run
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit
from lakehouse.environments import names
from lakehouse.environments.model import Aws
from tests.deployed.deployed_function import DeployedFunction
from tests.deployed.deployed_jobs import DeployedJobs
from tests.deployed.deployed_person import session_variables
from tests.deployed.landed import land

DAY = date(2017, 1, 2)
INGEST = "crm_to_bronze"


@pytest.fixture(scope="module")
def function(deployed: DeployedJobs) -> DeployedFunction:
    return DeployedFunction(deployed, "start_run")


@pytest.fixture(scope="module")
def world(deployed: DeployedJobs, function: DeployedFunction) -> DeployedJobs:
    land(deployed.env, DAY)
    deployed.create(INGEST, "setup_databases")
    function.create()
    return deployed


def _lakehouse_run(world: DeployedJobs, *words: str) -> subprocess.CompletedProcess[str]:
    return world.lakehouse("run", "--env", "local", "--run-date", str(DAY), *words)


def test_deployed_job_is_started_followed_and_counted(world: DeployedJobs) -> None:
    done = _lakehouse_run(world, "--job", INGEST, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (outcome,) = json.loads(done.stdout)
    assert outcome["status"] == "done"
    assert outcome["rows in"] == outcome["written"] + outcome["quarantined"] + outcome["deduplicated"] > 0
    (run,) = world.runs(INGEST)
    caller = f"arn:aws:sts::{world.env.account}:user/moto"
    assert run["JobRunState"] == "SUCCEEDED"
    assert run["Arguments"] == {"--run-date": str(DAY), "--requested-by": caller}
    (row,) = Audit(world.env).list(job=INGEST)
    assert row.actor == caller
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
    assert "RUN521 not deployed in 'local': " in done.stderr
    assert "traffic_data_clean" in done.stderr


def test_operator_starts_a_run_by_the_function_and_by_nothing_else(
    world: DeployedJobs, function: DeployedFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = "setup_databases"
    before = len(world.runs(job))
    for name, value in session_variables(function, "operators", "anna").items():
        monkeypatch.setenv(name, value)
    env = world.env.model_copy(update={"aws": Aws(endpoint=world.env.aws.endpoint)})
    with pytest.raises(ClientError, match="not authorized to perform: glue:StartJobRun"):
        clients(env).glue.start_job_run(JobName=names.glue_job(env, job))
    run_id = start_run(env, job, DAY, {}, {})
    run, *earlier = world.runs(job)
    assert (run["Id"], len(earlier)) == (run_id, before)
    stopped = clients(env).client("glue").batch_stop_job_run(JobName=run["JobName"], JobRunIds=[run_id])
    assert stopped["Errors"] == []
    caller = f"arn:aws:sts::{env.account}:assumed-role/lakehouse-local-operators/anna"
    assert run["Arguments"]["--requested-by"] == caller
    with pytest.raises(RunError, match="RUN640 arguments: 'backfill' is none that the job takes"):
        start_run(env, job, DAY, {}, {"backfill": "2017-01-01..2017-01-02@jan-2017"})


def test_doctor_lets_a_deployed_job_try_what_it_needs(world: DeployedJobs) -> None:
    """Under its own role and with its own modules; no row is read or written."""
    before = Audit(world.env).list(job=INGEST, run_date=DAY, limit=10)
    words = ("doctor", "--env", "local", "--smoke", "--job", INGEST, "--json")
    answer = world.lakehouse(*words)
    checks = {check["subject"]: check for check in json.loads(answer.stdout)}
    assert checks[f"job {INGEST}"]["state"] == "ok", answer.stdout + answer.stderr
    row = Audit(world.env).list(job="smoke", limit=1)[0]
    assert (row.status, row.action) == ("SUCCEEDED", {"job": INGEST})
    assert Audit(world.env).list(job=INGEST, run_date=DAY, limit=10) == before
