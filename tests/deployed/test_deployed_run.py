"""The deployed script, wheel, dependencies and bundle do on the embedded Glue what a run in here does."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from cli.tables.storage import storage_options
from glue_jobs.state.audit import Audit
from infra.build.release import working_release
from lakehouse.environments import Environment, names
from lakehouse.project import project_root
from tests.deployed.deployed_jobs import DeployedJobs
from tests.deployed.landed import land

DAY = date(2017, 1, 2)
INGEST = "crm_to_bronze"
TABLES = ("bronze.crm_accounts", "bronze.crm_contacts", "bronze.crm_opportunities")


def _rows(env: Environment, table: str) -> pl.DataFrame:
    """The rows of a table without what differs from run to run, read by delta-rs."""
    stored = DeltaTable(names.table_uri(env, table), storage_options=storage_options(env))
    frame = pl.from_arrow(stored.to_pyarrow_table())
    assert isinstance(frame, pl.DataFrame)
    columns = [column for column in frame.columns if not column.startswith("_")]
    return frame.select(columns).sort(pl.all())


@pytest.fixture(scope="module")
def ingested(deployed: DeployedJobs) -> dict[str, Any]:
    """The runs of the first job and of an ingest, by job."""
    land(deployed.env, DAY)
    deployed.create("setup_databases", INGEST)
    return {job: deployed.run(job, DAY) for job in ("setup_databases", INGEST)}


def test_deployed_jobs_succeed(deployed: DeployedJobs, ingested: dict[str, Any]) -> None:
    for job, run in ingested.items():
        assert run["JobRunState"] == "SUCCEEDED", f"{job}: {run}\n{deployed.log(run['Id'])[-3000:]}"
        assert run["DPUSeconds"] == run["ExecutionTime"] * 2.0
        assert '"run succeeded"' in deployed.log(run["Id"])


def test_deployed_ingest_writes_what_a_run_that_is_not_deployed_writes(
    deployed: DeployedJobs, ingested: dict[str, Any], other_world: tuple[Environment, Path]
) -> None:
    assert ingested[INGEST]["JobRunState"] == "SUCCEEDED"
    other_env, overlay = other_world
    land(other_env, DAY)
    # A process of its own: a session of Spark reaches one S3 alone, and other tests have theirs.
    command = [sys.executable, "-m", "cli", "run", "--env", "local", "--run-date", str(DAY), "--here"]
    variables = {**os.environ, "LAKEHOUSE_OVERLAY": str(overlay)}
    done = subprocess.run(
        [*command, "--job", INGEST], cwd=project_root(), env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = Audit(other_env).list(job=INGEST)
    (audited,) = Audit(deployed.env).list(job=INGEST)
    assert dict(audited.tables) == dict(row.tables)
    assert sum(counts.quarantined for counts in audited.tables.values()) > 0
    assert (audited.status, audited.run_date, audited.job) == (row.status, row.run_date, row.job)
    release = working_release(project_root())
    assert (audited.engine, audited.bundle) == (release.engine, release.bundle)
    for table in TABLES:
        assert _rows(deployed.env, table).equals(_rows(other_env, table))


def test_module_outside_the_wheel_and_the_bundle_fails_the_run(deployed: DeployedJobs) -> None:
    """It lies in the checkout all the same."""
    bucket = names.bucket(deployed.env, names.Zone.ARTIFACTS)
    wheel = next(project_root().glob(".build/engine/*.whl"))
    raw = io.BytesIO()
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(raw, "w") as broken:
        for name in whole.namelist():
            if name != "glue_jobs/params.py":
                broken.writestr(name, whole.read(name))
    key = f"code/broken/{wheel.name}"
    deployed.client("s3").put_object(Bucket=bucket, Key=key, Body=raw.getvalue())
    run = deployed.run("setup_databases", DAY, **{"additional-python-modules": _modules(deployed, key)})
    error = "ModuleNotFoundError: No module named 'glue_jobs.params'"
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", error)
    assert error in deployed.log(run["Id"])


def _modules(deployed: DeployedJobs, wheel_key: str) -> str:
    """The job's own modules with another wheel."""
    job = deployed.client("glue").get_job(JobName=names.glue_job(deployed.env, "setup_databases"))["Job"]
    dependencies = job["DefaultArguments"]["--additional-python-modules"].split(",")[0]
    return f"{dependencies},s3://{names.bucket(deployed.env, names.Zone.ARTIFACTS)}/{wheel_key}"
