"""`lakehouse bootstrap` makes the roles that deploy and plan, and neither opens more than it says."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import boto3
import pytest
from botocore.config import Config

from cli.deploy import deploy_target
from cli.deploy.delivery_policies import boundary, plan_policy
from lakehouse.environments import load_environment
from tests.cli.calls import Call
from tests.infra.iam import Policies

DEV = load_environment("dev").model_copy(update={"account": "123456789012"})
STATE = "arn:aws:s3:::lakehouse-dev-state-123456789012"
IAM = "arn:aws:iam::123456789012"


@pytest.fixture
def iam(lakehouse: Call, other_account: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """IAM of an account in which `bootstrap` ran twice."""
    monkeypatch.setattr(deploy_target, "load_environment", lambda _name: DEV)
    for _ in range(2):
        answer = lakehouse("bootstrap", "--env", "dev")
        assert answer.code == 0, answer.err
    assert "role lakehouse-plan was there: taken on by company/lakehouse-platform" in answer.out
    return boto3.client("iam", region_name=DEV.region, config=Config(proxies={}))


def _document(value: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(unquote(value)) if isinstance(value, str) else value
    return document


def test_each_role_opens_to_one_environment_of_one_repository(iam: Any) -> None:
    claim = "token.actions.githubusercontent.com"
    for name, github in (("lakehouse-deployer", "dev"), ("lakehouse-plan", "dev-plan")):
        role = iam.get_role(RoleName=name)["Role"]
        (statement,) = _document(role["AssumeRolePolicyDocument"])["Statement"]
        assert statement["Principal"] == {"Federated": f"{IAM}:oidc-provider/{claim}"}
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert statement["Condition"] == {
            "StringEquals": {
                f"{claim}:aud": "sts.amazonaws.com",
                f"{claim}:sub": f"repo:company/lakehouse-platform:environment:{github}",
            }
        }
    deployer = iam.get_role(RoleName="lakehouse-deployer")["Role"]
    assert deployer["PermissionsBoundary"]["PermissionsBoundaryArn"] == f"{IAM}:policy/lakehouse-boundary-dev"
    (provider,) = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])["Url"].endswith(claim)


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:GetObject", f"{STATE}/stack.tfstate", True),
        ("s3:PutObject", f"{STATE}/stack.tfstate.tflock", True),
        ("s3:DeleteObject", f"{STATE}/stack.tfstate.tflock", True),
        ("s3:PutObject", f"{STATE}/stack.tfstate", False),
        ("s3:DeleteObject", f"{STATE}/stack.tfstate", False),
        ("s3:PutBucketPolicy", STATE, False),
        ("s3:GetObject", "arn:aws:s3:::lakehouse-dev-bronze-123456789012/orders/part-0.parquet", False),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x", False),
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-central-1:123456789012:table/lakehouse-dev-audit", False),
        ("glue:GetJob", "arn:aws:glue:eu-central-1:123456789012:job/lakehouse-dev-x", True),
        ("glue:StartJobRun", "arn:aws:glue:eu-central-1:123456789012:job/lakehouse-dev-x", False),
        ("iam:GetRole", f"{IAM}:role/lakehouse-dev-job-x", True),
        ("iam:PassRole", f"{IAM}:role/lakehouse-dev-job-x", False),
        ("lakeformation:ListPermissions", "*", True),
        ("lakeformation:GetDataAccess", "*", False),
    ],
)
def test_who_plans_sees_all_and_writes_the_lock_alone(action: str, resource: str, allowed: bool) -> None:
    assert Policies((plan_policy(DEV),)).allow(action, resource) is allowed


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("iam:CreateRole", f"{IAM}:role/lakehouse-dev-job-x", True),
        ("iam:PassRole", f"{IAM}:role/lakehouse-dev-job-x", True),
        ("iam:CreateServiceLinkedRole", f"{IAM}:role/aws-service-role/airflow.amazonaws.com/x", True),
        ("iam:CreateRole", f"{IAM}:role/another", False),
        ("iam:UpdateAssumeRolePolicy", f"{IAM}:role/lakehouse-deployer", False),
        ("iam:DeleteRolePermissionsBoundary", f"{IAM}:role/lakehouse-deployer", False),
        ("iam:CreatePolicyVersion", f"{IAM}:policy/lakehouse-boundary-dev", False),
        ("iam:CreateUser", f"{IAM}:user/x", False),
        ("iam:CreateRole", f"{IAM}:role/lakehouse-prod-job-x", False),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x", False),
        ("s3:GetObject", "arn:aws:s3:::lakehouse-dev-bronze-123456789012/orders/part-0.parquet", False),
        ("s3:GetObject", f"{STATE}/stack.tfstate", True),
        ("s3:PutObject", f"{STATE}/stack.tfstate", True),
        ("glue:CreateJob", "arn:aws:glue:eu-central-1:123456789012:job/lakehouse-dev-x", True),
    ],
)
def test_the_boundary_keeps_the_deployer_from_rows_secrets_and_itself(
    action: str, resource: str, allowed: bool
) -> None:
    assert Policies((boundary(DEV),)).allow(action, resource) is allowed
