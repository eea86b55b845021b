"""A real Airflow with the Azure provider runs pipelines of a factory, which a small server stands for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from tests.mwaa_dags.factory_server import TENANT, Factory, factory
from tests.mwaa_dags.moto_glue import REGION, Cloud, cloud
from tests.mwaa_dags.real_airflow import NEWEST, ROOT, Airflow

pytestmark = pytest.mark.slow
GOOD, BAD = "2017-01-05", "2017-01-06"
SUBSCRIPTION = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
FACTS = {
    "subscription": SUBSCRIPTION,
    "resource_group": "loans-rg",
    "factory": "loans-factory",
    "poll_seconds": 1,
}
CLIENT_SECRET, API_KEY = "the-secret-of-the-client", "the-key-of-the-crm"
CONNECTION = {
    "conn_type": "azure_data_factory",
    "login": "client",
    "password": CLIENT_SECRET,
    "extra": {"tenantId": TENANT, "subscriptionId": SUBSCRIPTION},
}
PROVIDER = ROOT / ".cache" / f"airflow-azure-{NEWEST}"


@dataclass(frozen=True)
class Ran:
    """How each run ended, what the factory was asked, and what Glue was."""

    of: dict[str, Any]
    factory: Factory
    cloud: Cloud
    home: Path


@pytest.fixture(scope="module")
def ran(airflow: Callable[[str], Airflow], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    if not (PROVIDER / "ready").exists():
        hint = "the Azure provider is not installed: `make airflow-azure` does it"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(hint)
    instance = airflow(NEWEST)
    local = instance.dags / "environments" / "local.yml"
    local.write_text(local.read_text() + yaml.safe_dump({"data_factory": FACTS}))
    job_csv = instance.dags / "pipelines" / "loans" / "job.csv"
    # `dag.test` waits for a retry as long as its row says.
    job_csv.write_text(job_csv.read_text().replace("3 retries, backoff 5m", "1 retry, backoff 1s", 1))
    instance.migrate()
    runs = {
        "good": {"dag": "adf_loan_app_dag", "date": f"{GOOD}T02:00+00:00"},
        "bad": {"dag": "adf_loan_app_dag", "date": f"{BAD}T02:00+00:00"},
    }
    with (
        pytest.MonkeyPatch.context() as patch,
        cloud(["ingest_loan_applications"], {}, patch) as aws,
        factory(tmp_path_factory.mktemp("factory"), CLIENT_SECRET, {BAD: "Failed"}) as azure,
    ):
        secrets = boto3.client(
            "secretsmanager",
            endpoint_url=aws.endpoint,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        secrets.create_secret(Name="lakehouse/local/azure_data_factory", SecretString=json.dumps(CONNECTION))
        secrets.create_secret(Name="lakehouse/local/api_key", SecretString=json.dumps({"key": API_KEY}))
        env = {**aws.env, **azure.env, **backend(), "PYTHONPATH": str(PROVIDER)}
        answers = instance.probe("run", list(runs.values()), env)
        yield Ran(dict(zip(runs, answers, strict=True)), azure, aws, instance.home)


def backend() -> dict[str, str]:
    """The options of MWAA, as Airflow reads them from variables."""
    from infra.parts.orchestration.airflow import airflow_options
    from lakehouse.environments import load_environment
    from lakehouse.environments.systems import DataFactory

    env = load_environment("local").model_copy(update={"data_factory": DataFactory.model_validate(FACTS)})
    return {
        f"AIRFLOW__{section.upper()}__{name.upper()}": value
        for key, value in airflow_options(env).items()
        for section, _, name in [key.partition(".")]
    }


def test_the_factory_runs_the_pipeline_with_the_days_and_the_key(ran: Ran) -> None:
    assert ran.of["good"]["state"] == "success", ran.of["good"]
    path, parameters = ran.factory.created[0]
    assert path == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/loans-rg/providers/Microsoft.DataFactory"
        "/factories/loans-factory/pipelines/loan_app_ingest/createRun"
    )
    assert parameters == {"start_date": "2017-01-04", "end_date": GOOD, "sensitive_api_key": API_KEY}
    assert ran.factory.polls["00000000-0000-0000-0000-000000000001"] >= 2
    assert {login["client_id"] for login in ran.factory.logins} == {"client"}
    assert ran.cloud.started(GOOD) == []


def test_a_pipeline_that_fails_is_started_again_as_often_as_its_row_says_and_alerts_once(ran: Ran) -> None:
    assert ran.of["bad"]["tasks"]["ingest_loan_applications"] == "failed"
    tries = [parameters for _, parameters in ran.factory.created if parameters["end_date"] == BAD]
    assert len(tries) == 1 + 1
    (alert,) = [json.loads(message) for _, message in ran.cloud.published()]
    assert (alert["task"], alert["logical_date"]) == ("ingest_loan_applications", BAD)


def test_no_secret_is_in_what_airflow_keeps(ran: Ran) -> None:
    kept = b"".join(file.read_bytes() for file in ran.home.rglob("*") if file.is_file())
    assert b"ingest_loan_applications" in kept
    assert API_KEY.encode() not in kept
    assert CLIENT_SECRET.encode() not in kept
