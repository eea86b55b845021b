"""The loss of a region is rehearsed on an environment whose deployed jobs run under their own roles."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from lakehouse.environments import names
from tests.deployed.deployed_function import DeployedFunction
from tests.deployed.deployed_jobs import DeployedJobs
from tests.deployed.deployed_recovery import DeployedRecovery
from tests.deployed.landed import land
from tests.deployed.runbook_page import commands_of
from tests.deployed.successor import Successor
from tests.glue_jobs import delta_rs

DAY = date(2017, 1, 2)
ACCOUNTS, COPIED = "silver.accounts", "bronze.crm_accounts"
# Words of the page → those of this world. OTHER is the environment that takes the place of the lost one.
OTHER = "ENV"
NAMES = {
    "prod": "local",
    "gold.fact_sales": COPIED,
    "TABLE": COPIED,
    "silver_to_gold": "crm_to_bronze",
    "DAY": str(DAY),
    "2017-01-31T04:00": "2100-01-01T04:00",
}
PAGE = commands_of("dr-restore", NAMES)
ASKING = {("dr", verb) for verb in ("stop", "restore-state", "restore", "readers", "export", "replicate")}
HERE = ASKING | {("dr", verb) for verb in ("check", "list", "verify", "backups")}
HERE |= {("run", "--env"), ("dq", "check")}
THERE = {("dr", "fill"), ("dr", "restore-lakebase"), ("dq", "check")}
THERE |= {(verb, "--env") for verb in ("bootstrap", "deploy", "run", "runs")}
AGREED = {("dr", "fill"): ["--yes"], ("dr", "restore-lakebase"): ["--yes"]}
AGREED |= {("deploy", "--env"): ["--auto-approve"]}


def _drill(world: DeployedJobs) -> subprocess.CompletedProcess[str]:
    words = ["dr", "drill", "--env", "local", "--pipeline", "crm", "--run-date", str(DAY), "--yes", "--json"]
    key = json.dumps({"key": "0123456789abcdef" * 4})
    return world.lakehouse(*words, timeout=560, LAKEHOUSE_SECRET_PII_KEY=key)


@pytest.fixture(scope="module")
def ingested(deployed: DeployedJobs) -> DeployedJobs:
    """The world after its deployed job has read the CRM's files of the day."""
    land(deployed.env, DAY)
    deployed.create("crm_to_bronze")
    assert deployed.run("crm_to_bronze", DAY)["JobRunState"] == "SUCCEEDED"
    return deployed


@pytest.fixture(scope="module")
def copied(ingested: DeployedJobs) -> DeployedJobs:
    """The world with an export, and with all that S3 and AWS Backup bring into the second region."""
    recovery = DeployedRecovery(ingested)
    recovery.create()
    _follow(ingested, next(command for command in PAGE if command[:2] == ("dr", "export")))
    # The tables are older than the rules of replication: a batch job copies them.
    _follow(ingested, ("dr", "replicate", "--env", ingested.env.name, "--of", "new"))
    recovery.back_up()
    return ingested


def _follow(world: DeployedJobs, command: tuple[str, ...]) -> None:
    """Runs a command of the page, and says yes where it asks."""
    asks = command[:2] in ASKING and "--dry-run" not in command
    done = world.lakehouse(*command, *(["--yes"] if asks else []), timeout=400)
    said = f"lakehouse {' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert done.returncode == 0, said


@pytest.mark.slow
def test_what_deployed_jobs_wrote_survives_the_loss_of_its_region(ingested: DeployedJobs) -> None:
    deployed = ingested
    drilled = _drill(deployed)
    assert drilled.returncode == 0, drilled.stdout[-3000:] + drilled.stderr[-3000:]
    (result,) = json.loads(drilled.stdout)
    assert (result["rows that differ"], result["rows compared"] > 0) == (0, True)
    assert "promised" in drilled.stderr
    # The drill leaves no environment of its own, and the deployed jobs go on.
    buckets = [bucket["Name"] for bucket in deployed.client("s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if "drill" in name] == []
    accounts = delta_rs.rows(deployed.env, names.table_uri(deployed.env, ACCOUNTS), "account_id")
    assert accounts
    assert deployed.run("crm_to_bronze", DAY)["JobRunState"] == "SUCCEEDED"
    assert deployed.refusals == []


@pytest.mark.slow
def test_the_page_of_a_lost_region_is_followed_command_by_command(copied: DeployedJobs) -> None:
    env = copied.env
    uri = names.table_uri(env, COPIED)
    before = delta_rs.rows(env, uri, "account_id")
    role = names.service_role(env, "data_access")
    copied.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    DeployedFunction(copied, "start_run").create()
    followed = [command for command in PAGE if OTHER not in command]
    for command in followed:
        if command[:2] == ("dr", "export"):
            # A corruption is another night, on which no job was denied to start.
            _follow(copied, ("dr", "stop", "--env", env.name, "--undo"))
        _follow(copied, command)
    # Replication, batch jobs, backups and restores ran under the stack's own roles.
    assert copied.refusals == []
    assert {command[:2] for command in followed} == HERE
    assert {command[:2] for command in PAGE if OTHER in command} == THERE
    assert delta_rs.rows(env, uri, "account_id") == before != []


@pytest.mark.slow
def test_another_environment_goes_on_in_the_second_region(copied: DeployedJobs, tmp_path: Path) -> None:
    """Terraform deploys it, the copies and the restored state fill it, and its own jobs run."""
    successor = Successor.make(copied, tmp_path)
    for command in PAGE:
        if command[:2] == ("dr", "restore-state") or "--from-copies" in command:
            _follow(copied, command)
    words = {OTHER: successor.env.name, "retail": "crm"}
    for command in (tuple(words.get(w, w) for w in c) for c in PAGE if OTHER in c):
        agreed = AGREED.get(command[:2], []) if "--dry-run" not in command else []
        done = successor.lakehouse(*command, *agreed)
        said = f"lakehouse {' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        assert done.returncode == 0, said
    rows = [
        delta_rs.rows(env, names.table_uri(env, COPIED), "account_id") for env in (copied.env, successor.env)
    ]
    assert rows[0] == rows[1] != []
    assert delta_rs.rows(successor.env, names.table_uri(successor.env, ACCOUNTS), "account_id") != []
    clusters = successor.client("rds").describe_db_clusters()["DBClusters"]
    restored = f"{names.lakebase(successor.env)}-restored"
    assert restored in {cluster["DBClusterIdentifier"] for cluster in clusters}
    assert copied.refusals == []
