"""Who may deploy and who may plan: the policies of the two roles that `lakehouse bootstrap` makes."""

from __future__ import annotations

from typing import Any

from cli.deploy.setup_actions import SETUP_ACTIONS
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
STATE = "stack.tfstate"

Document = dict[str, Any]

# Rows, secrets and messages: nobody who deploys reads them.
_DATA = (
    "athena:GetQueryResults*",
    "athena:StartQueryExecution",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:PartiQL*",
    "dynamodb:Query",
    "dynamodb:Scan",
    "lakeformation:GetDataAccess",
    "lakeformation:GetTemporary*",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
)
_IAM_CHANGES = ("Add", "Attach", "Create", "Delete", "Detach", "Pass", "Put", "Remove", "Set", "Update")


def trust(env: Environment, repository: str, github_environment: str) -> Document:
    """Who takes a role on: a workflow of that repository, in that environment of GitHub, and nobody else."""
    provider = f"arn:aws:iam::{env.account}:oidc-provider/{ISSUER}"
    subject = f"repo:{repository}:environment:{github_environment}"
    claims = {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}
    return _document(
        {
            "GitHub": {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": claims},
            }
        }
    )


def plan_policy(env: Environment) -> Document:
    """Sees how everything is set up, reads the state and its own lock, and changes nothing else.

    `terraform plan` locks the state, so it writes the lock's object, and no other.
    """
    state = f"arn:aws:s3:::{names.state_bucket(env)}"
    artifacts = f"arn:aws:s3:::{names.bucket(env, Zone.ARTIFACTS)}"
    by_s3 = {
        "StringEquals": {"kms:ViaService": f"s3.{env.region}.amazonaws.com"},
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{env.project}-{env.name}-platform"},
    }
    return _document(
        {
            "See": {"Effect": "Allow", "Action": list(SETUP_ACTIONS), "Resource": "*"},
            "ReadState": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{state}/{STATE}*"},
            "LockState": {
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:DeleteObject"],
                "Resource": f"{state}/{STATE}.tflock",
            },
            # What Terraform uploads, it reads again: DAGs, requirements and the functions' catalog.
            "ReadArtifacts": {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:GetObjectTagging"],
                "Resource": [f"{artifacts}/airflow/*", f"{artifacts}/functions/*"],
            },
            "KeyOfArtifacts": {
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": f"arn:aws:kms:{env.region}:{env.account}:key/*",
                "Condition": by_s3,
            },
            "NoData": {"Effect": "Deny", "Action": list(_DATA), "Resource": "*"},
        }
    )


def deploy_policy() -> Document:
    """Everything; the boundary says what of it is not meant."""
    return _document({"Everything": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def boundary(env: Environment) -> Document:
    """The most that the deployer's role may, whatever policies it has.

    It reads no rows and no secrets, and makes, changes and passes only roles and policies of its own
    environment: neither itself nor this boundary nor the trust that opens it.
    """
    iam = f"arn:aws:iam::{env.account}"
    prefix = f"{env.project}-{env.name}-"
    managed = [
        f"{iam}:role/{prefix}*",
        f"{iam}:policy/{prefix}*",
        f"{iam}:role/aws-service-role/*",
    ]
    buckets = (names.state_bucket(env), names.bucket(env, Zone.ARTIFACTS))
    readable = [f"arn:aws:s3:::{bucket}/*" for bucket in buckets]
    return _document(
        {
            "Everything": {"Effect": "Allow", "Action": "*", "Resource": "*"},
            "OnlyItsOwnRoles": {
                "Effect": "Deny",
                "Action": [f"iam:{verb}*" for verb in _IAM_CHANGES],
                "NotResource": managed,
            },
            "NoData": {"Effect": "Deny", "Action": list(_DATA), "Resource": "*"},
            "NoRows": {
                "Effect": "Deny",
                "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                "NotResource": readable,
            },
            "NoOtherAccount": {
                "Effect": "Deny",
                "Action": ["account:*", "organizations:*", "sts:AssumeRole"],
                "Resource": "*",
            },
        }
    )


def _document(statements: dict[str, Any]) -> Document:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, **statement} for sid, statement in statements.items()],
    }
