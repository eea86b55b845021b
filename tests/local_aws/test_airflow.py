"""Managed Airflow on this machine: a real Airflow with what was deployed, by the calls of MWAA."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import date

import pytest
from botocore.exceptions import ClientError

from cli.deploy.paused_dags import dags_to_start
from cli.run.airflow_api import ENDED, AirflowApi
from glue_jobs.errors import RunError
from infra.parts.orchestration.airflow import airflow_options
from lakehouse.environments import Environment, load_environment, names
from lakehouse.environments.reader import OVERLAY
from local_aws.airflow.settings import S3File, Settings
from local_aws.iam.trust import service_may_assume
from local_aws.local_platform import local_platform
from tests.local_aws.mwaa_account import ARN, BUCKET, TRUST, as_role, cli, client, dags, deploy, mwaa, person
from tests.mwaa_dags.real_airflow import NEWEST, missing

DAY = date(2017, 1, 5)


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
        deploy(env)
        yield env


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_deployed_dags_wait_until_they_are_unpaused_and_a_redeploy_pauses_none(world: Environment) -> None:
    airflow = AirflowApi(world)
    airflow.wait_until_ready()
    by_schedule = dags(airflow)
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
    mwaa(world).update_environment(Name=names.airflow(world), AirflowConfigurationOptions=options)
    airflow.wait_until_ready()
    dags(airflow)
    assert "maintenance" not in airflow.paused()
    assert "retail_daily" in airflow.paused()

    # A person pauses it; it has run, so that a green doctor leaves it alone.
    airflow.call("PATCH", "/dags/maintenance", {"update_mask": "is_paused"}, {"is_paused": True})
    state, detail = dags_to_start(world, green=True)
    assert (state, airflow.paused()) == ("ok", ["maintenance"])
    assert detail.endswith("paused by people, and left so: maintenance")
    token = mwaa(world).create_web_login_token(Name=names.airflow(world))
    assert token["WebToken"].count(".") == 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_airflow_decides_by_the_role_that_iam_lets_the_caller_have(world: Environment) -> None:
    """Of several roles the strongest counts; without any, nothing is answered."""
    airflow, name = AirflowApi(world), names.airflow(world)
    airflow.wait_until_ready()
    dags(airflow)
    pause = {"Name": name, "Method": "PATCH", "Path": "/dags/maintenance", "Body": {"is_paused": True}}
    for role, allowed in (
        (("Viewer", "Public"), {"GET"}),
        (("Op", "Viewer"), {"GET", "PATCH"}),
        (("Public",), set()),
    ):
        person = as_role(world, "-".join(role), *role)
        for call in ({"Name": name, "Method": "GET", "Path": "/dags"}, pause):
            if call["Method"] in allowed:
                assert person.invoke_rest_api(**call)["RestApiStatusCode"] == 200
                continue
            with pytest.raises(person.exceptions.RestApiClientException) as refused:
                person.invoke_rest_api(**call)
            assert refused.value.response["RestApiStatusCode"] == 403
        assert person.create_web_login_token(Name=name)["AirflowIdentity"] == role[0]
    with pytest.raises(ClientError, match="not authorized to perform: airflow:InvokeRestApi"):
        as_role(world, "nobody", "NoRole").invoke_rest_api(Name=name, Method="GET", Path="/dags")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_token_of_the_command_line_runs_commands_of_airflow(world: Environment) -> None:
    airflow, name = AirflowApi(world), names.airflow(world)
    airflow.wait_until_ready()
    dags(airflow)
    may = {"Action": "airflow:CreateCliToken", "Resource": ARN}
    given = mwaa(world, **person(world, "shell", may)).create_cli_token(Name=name)
    listed = cli(given["WebServerHostname"], given["CliToken"], "dags list -o json")
    assert listed[0] == 200, listed
    # Airflow's own log comes before it.
    assert {"retail_daily", "maintenance"} <= {
        dag["dag_id"] for dag in json.loads(listed[1].splitlines()[-1])
    }
    status, _, error = cli(given["WebServerHostname"], given["CliToken"], "dags details no_such_dag")
    assert status == 400
    assert "no_such_dag" in error
    assert cli(given["WebServerHostname"], given["CliToken"], "db reset -y")[0] == 400
    # A token of the web server, and of its strongest role too, is none of the command line.
    web = mwaa(world).create_web_login_token(Name=name)
    assert cli(web["WebServerHostname"], web["WebToken"], "dags list")[0] == 403
    with pytest.raises(ClientError, match="not authorized to perform: airflow:CreateCliToken"):
        as_role(world, "viewer", "Viewer").create_cli_token(Name=name)


@pytest.mark.slow
def test_an_airflow_that_cannot_start_says_why(world: Environment) -> None:
    iam = client(world, "iam")
    iam.create_role(RoleName="closed", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    arn = "arn:aws:iam::123456789012:role/closed"
    mwaa(world).update_environment(Name=names.airflow(world), ExecutionRoleArn=arn)
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
