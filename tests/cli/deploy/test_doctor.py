"""`lakehouse doctor` says what an account lacks, and shows no value of a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.servicequotas.responses import ServiceQuotasResponse

from cli.deploy.doctor import Check, examine
from glue_jobs.aws import forget_clients
from lakehouse.environments import load_environment, names
from lakehouse.environments.secret_fields import missing_fields, other_address

DEV = load_environment("dev").model_copy(update={"account": "123456789012"})
LOGIN = {"host": "h", "port": 5439, "dbname": "d", "user": "u", "password": "canary"}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    forget_clients()
    # moto does not answer this operation.
    monkeypatch.setattr(
        ServiceQuotasResponse, "list_service_quotas", lambda self: '{"Quotas": []}', raising=False
    )
    with mock_aws():
        yield
    forget_clients()


def _client(service: str) -> Any:
    return boto3.client(service, region_name=DEV.region)


def _checks() -> dict[str, Check]:
    return {check.subject: check for check in examine(DEV)}


def test_an_empty_account_lacks_everything(account: None) -> None:
    checks = _checks()
    assert checks.pop("quotas of Glue").state == "ok"
    assert {check.state for check in checks.values()} == {"missing"}
    assert {
        "role lakehouse-deployer",
        "role lakehouse-plan",
        "SAML provider company",
        "Lake Formation",
    } <= set(checks)
    assert checks["secret redshift"].detail == "it does not exist"


def test_secrets_are_told_by_the_fields_that_they_lack(account: None) -> None:
    manager = _client("secretsmanager")
    values = {
        "redshift": json.dumps(LOGIN),
        "snowflake": json.dumps({"account": "a", "user": "u", "storage_integration": "s"}),
        "kafka": "canary",
        "pii_key": json.dumps({"key": "canary"}),
    }
    for name, value in values.items():
        manager.create_secret(Name=names.secret(DEV, name), SecretString=value)
    manager.create_secret(Name=names.secret(DEV, "postgres"))
    checks = _checks()
    details = {name: checks[f"secret {name}"].detail for name in (*values, "postgres")}
    assert details == {
        "redshift": "lacks iam_role",
        "snowflake": "lacks private_key or token or password",
        "kafka": "no JSON object",
        "pii_key": "",
        "postgres": "empty: put its JSON (docs/guides/secrets.md)",
    }
    assert "canary" not in str(checks)


def test_roles_provider_and_administrator_that_exist_are_ok(account: None) -> None:
    iam = _client("iam")
    for role in ("lakehouse-deployer", "lakehouse-plan"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    iam.create_saml_provider(Name="company", SAMLMetadataDocument="x" * 1024)
    admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{DEV.account}:role/lakehouse-deployer"}
    _client("lakeformation").put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [admin]})
    checks = _checks()
    subjects = ["role lakehouse-deployer", "role lakehouse-plan", "SAML provider company", "Lake Formation"]
    assert [checks[subject].state for subject in subjects] == ["ok"] * 4


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, ["account", "user", "storage_integration", "private_key or token or password"]),
        ({"account": "a", "user": "u", "storage_integration": "s", "token": "t"}, []),
        ({"account": "a", "user": "", "storage_integration": "s", "private_key": "k"}, ["user"]),
    ],
)
def test_fields_of_snowflakes_secret(fields: dict[str, str], missing: list[str]) -> None:
    assert missing_fields(DEV, "snowflake", fields) == missing


def test_a_secret_of_a_name_of_ones_own_needs_any_field() -> None:
    assert missing_fields(DEV, "partner", {}) == ["any field"]
    assert missing_fields(DEV, "partner", {"x": "y"}) == []


@pytest.mark.parametrize(
    ("name", "fields", "connection"),
    [
        ("redshift", {"host": "redshift.company.internal", "port": 5439}, ""),
        ("redshift", {"host": "redshift.other.internal", "port": 5439}, "redshift"),
        ("redshift", {"host": "redshift.company.internal", "port": "5440"}, "redshift"),
        ("kafka", {"bootstrap_servers": "kafka.company.internal:9096"}, ""),
        ("kafka", {"bootstrap_servers": "kafka.company.internal:9092"}, "kafka"),
        ("snowflake", {"account": "company"}, ""),
        ("snowflake", {"account": "another"}, "snowflake"),
        ("postgres", {"host": "anything", "port": 5432}, ""),
    ],
)
def test_a_secret_with_another_address_than_its_connection_is_told(
    name: str, fields: dict[str, object], connection: str
) -> None:
    assert other_address(DEV, name, fields) == connection
