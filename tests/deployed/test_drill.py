"""The loss of a region is rehearsed on an environment whose deployed jobs run under their own roles."""

from __future__ import annotations

import json
import subprocess
from datetime import date

import pytest

from lakehouse.environments import names
from tests.deployed.deployed_jobs import DeployedJobs
from tests.deployed.landed import land
from tests.glue_jobs import delta_rs

DAY = date(2017, 1, 2)
ACCOUNTS = "silver.accounts"


def _drill(world: DeployedJobs) -> subprocess.CompletedProcess[str]:
    words = ["dr", "drill", "--env", "local", "--pipeline", "crm", "--run-date", str(DAY), "--yes", "--json"]
    key = json.dumps({"key": "0123456789abcdef" * 4})
    return world.lakehouse(*words, timeout=560, LAKEHOUSE_SECRET_PII_KEY=key)


@pytest.mark.slow
def test_what_deployed_jobs_wrote_survives_the_loss_of_its_region(deployed: DeployedJobs) -> None:
    land(deployed.env, DAY)
    deployed.create("crm_to_bronze")
    assert deployed.run("crm_to_bronze", DAY)["JobRunState"] == "SUCCEEDED"
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
