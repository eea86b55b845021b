"""Managed Airflow on this machine: a real Airflow with what was deployed, by the calls of MWAA."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cli.deploy.paused_dags import dags_to_start
from cli.run.airflow_api import ENDED, AirflowApi
from glue_jobs.errors import RunError
from infra.build.dags import dag_entries
from infra.parts.orchestration.airflow import airflow_options
from lakehouse.environments import Environment, load_environment, names
from lakehouse.environments.reader import OVERLAY
from lakehouse.project import project_root
from local_aws.airflow.settings import S3File, Settings
from local_aws.bootstrap import session_client
from local_aws.iam.trust import service_may_assume
from local_aws.local_platform import local_platform
from tests.mwaa_dags.real_airflow import NEWEST, missing

BUCKET, DAY = "deployed-dags", date(2017, 1, 5)
ARN = "arn:aws:airflow:eu-central-1:123456789012:environment/lakehouse-local"
# As the stack writes it: for this environment alone.
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "airflow-env.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:SourceArn": ARN}},
        }
    ],
}
RIGHTS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*", "glue:*", "dynamodb:Query"], "Resource": "*"}],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """An embedded AWS with an Airflow environment of this project, which nobody has asked yet."""
    if hint := missing(NEWEST):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(hint)
    folder = tmp_path_factory.mktemp("airflow")
    with (
        pytest.MonkeyPatch.context() as patch,
        local_platform(load_environment("local"), folder, only=("aws",)) as overlay,
    ):
        patch.setenv(OVERLAY, str(overlay))
        env = load_environment("local")
        _deploy(env)
        yield env


def _client(env: Environment, service: str) -> Any:
    assert env.aws.endpoint is not None
    return session_client(env, service, env.aws.endpoint, "testing")


def _deploy(env: Environment) -> None:
    s3, iam = _client(env, "s3"), _client(env, "iam")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": env.region})
    for name, content in dag_entries(project_root()).items():
        body = content if isinstance(content, bytes) else content.read_bytes()
        s3.put_object(Bucket=BUCKET, Key=f"airflow/1/{name}", Body=body)
    for name in (f"requirements-{NEWEST}.txt", "startup.sh"):
        s3.put_object(Bucket=BUCKET, Key=name, Body=Path(project_root(), "mwaa_dags", name).read_bytes())
    role = iam.create_role(RoleName="airflow", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="airflow", PolicyName="own", PolicyDocument=json.dumps(RIGHTS))
    _mwaa(env).create_environment(
        Name=names.airflow(env),
        AirflowVersion=NEWEST,
        ExecutionRoleArn=role,
        SourceBucketArn=f"arn:aws:s3:::{BUCKET}",
        DagS3Path="airflow/1",
        RequirementsS3Path=f"requirements-{NEWEST}.txt",
        StartupScriptS3Path="startup.sh",
        AirflowConfigurationOptions=airflow_options(env),
        NetworkConfiguration={"SubnetIds": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-1"]},
    )


def _mwaa(env: Environment) -> Any:
    config = Config(inject_host_prefix=False)
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client("mwaa", env.region, endpoint_url=env.aws.endpoint, config=config, **keys)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_deployed_dags_wait_until_they_are_unpaused_and_a_redeploy_pauses_none(world: Environment) -> None:
    airflow = AirflowApi(world)
    airflow.wait_until_ready()
    by_schedule = _dags(airflow)
    assert {"retail_daily", "maintenance"} <= by_schedule
    assert set(airflow.paused()) == by_schedule - {"backfill"}
    state, detail = dags_to_start(world, green=False)
    assert (state, "retail_daily" in detail, "--smoke" in detail) == ("paused", True, True)

    airflow.unpause("maintenance")
    run = airflow.trigger("maintenance", DAY)
    deadline = time.monotonic() + 240
    while airflow.run_state("maintenance", run) not in ENDED and time.monotonic() < deadline:
        time.sleep(1)
    # The role may start jobs; that there is none is Airflow's own finding, and is not tried again.
    assert airflow.run_state("maintenance", run) == "failed"
    assert airflow.tasks("maintenance", run)["maintain_tables"] == "failed"

    options = {**airflow_options(world), "core.parallelism": "2"}
    _mwaa(world).update_environment(Name=names.airflow(world), AirflowConfigurationOptions=options)
    airflow.wait_until_ready()
    _dags(airflow)
    assert "maintenance" not in airflow.paused()
    assert "retail_daily" in airflow.paused()

    # A person pauses it; it has run, so that a green doctor leaves it alone.
    airflow.call("PATCH", "/dags/maintenance", {"update_mask": "is_paused"}, {"is_paused": True})
    state, detail = dags_to_start(world, green=True)
    assert (state, airflow.paused()) == ("ok", ["maintenance"])
    assert detail.endswith("paused by people, and left so: maintenance")
    token = _mwaa(world).create_web_login_token(Name=names.airflow(world))
    assert token["WebToken"].count(".") == 2


def _dags(airflow: AirflowApi) -> set[str]:
    """All DAGs, once Airflow has read them."""
    deadline = time.monotonic() + 120
    while not (dags := {dag["dag_id"] for dag in airflow.dags()}) and time.monotonic() < deadline:
        time.sleep(1)
    return dags


@pytest.mark.slow
def test_an_airflow_that_cannot_start_says_why(world: Environment) -> None:
    iam = _client(world, "iam")
    iam.create_role(RoleName="closed", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    arn = "arn:aws:iam::123456789012:role/closed"
    _mwaa(world).update_environment(Name=names.airflow(world), ExecutionRoleArn=arn)
    with pytest.raises(RunError, match=r"RUN691 .*airflow-env\.amazonaws\.com is not authorized to assume"):
        AirflowApi(world).wait_until_ready()


def test_an_environment_that_does_not_exist_is_said_in_the_words_of_mwaa(local_env: Environment) -> None:
    with pytest.raises(RunError, match=r"RUN691 .*ResourceNotFoundException: Environment .* was not found"):
        AirflowApi(local_env).call("GET", "/dags")


def test_role_is_taken_on_for_the_environment_that_its_trust_names_alone() -> None:
    trust, service = json.dumps(TRUST), "airflow-env.amazonaws.com"
    assert service_may_assume(trust, service, "123456789012", ARN)
    assert not service_may_assume(trust, service, "123456789012", f"{ARN}-other")
    assert not service_may_assume(trust, service, "123456789012")


def test_options_and_files_of_an_environment_become_settings() -> None:
    record = {
        "Name": "lake",
        "Arn": ARN,
        "AirflowVersion": NEWEST,
        "ExecutionRoleArn": "arn:aws:iam::123456789012:role/airflow",
        "SourceBucketArn": f"arn:aws:s3:::{BUCKET}",
        "DagS3Path": "airflow/1/",
        "StartupScriptS3Path": "startup.sh",
        "StartupScriptS3ObjectVersion": "v1",
        "AirflowConfigurationOptions": {"core.load_examples": "False"},
    }
    settings = Settings.of(record, "eu-central-1")
    assert (settings.bucket, settings.dags) == (BUCKET, "airflow/1")
    assert (settings.requirements, settings.startup) == (None, S3File("startup.sh", "v1"))
    assert settings.option_variables() == {"AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
