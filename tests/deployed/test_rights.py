"""A deployed job calls AWS as its own role: without a right its run fails and names it; with it, it runs."""

from __future__ import annotations

from datetime import date

from glue_jobs.state.audit import Audit, Status
from tests.deployed.deployed_jobs import DeployedJobs
from tests.deployed.landed import land

DAY = date(2017, 1, 3)
INGEST = "crm_to_bronze"


def test_right_that_is_taken_away_fails_the_run_and_given_back_it_runs(deployed: DeployedJobs) -> None:
    land(deployed.env, DAY)
    deployed.create(INGEST)
    policy = deployed.rights.policy(INGEST)
    without = [s for s in policy["Statement"] if s["Sid"] != "Write"]
    deployed.rights.put(INGEST, {**policy, "Statement": without})
    run = deployed.run(INGEST, DAY)
    assert run["JobRunState"] == "FAILED"
    role = deployed.rights.role_name(INGEST)
    refused = {(entry.role.rpartition("/")[2], entry.action) for entry in deployed.refusals}
    assert refused
    assert refused <= {(role, action) for action in ("s3:PutObject", "s3:GetObject", "s3:DeleteObject")}
    (row,) = Audit(deployed.env).list(job=INGEST)
    assert row.status is Status.FAILED
    # Hadoop looks for an object by HEAD, whose refusal has no body: the record above names the action.
    assert "AccessDeniedException AmazonS3Exception" in (row.error or ""), row.error
    deployed.rights.restore(INGEST)
    before = len(deployed.refusals)
    run = deployed.run(INGEST, DAY)
    assert run["JobRunState"] == "SUCCEEDED", f"{run}\n{deployed.log(run['Id'])[-3000:]}"
    assert [entry.message for entry in deployed.refusals[before:]] == []
