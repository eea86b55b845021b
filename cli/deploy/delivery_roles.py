"""Makes the roles by which GitHub's workflows deploy and plan, before there is a stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from cli.deploy.delivery_policies import (
    AUDIENCE,
    ISSUER,
    Document,
    boundary,
    deploy_policy,
    plan_policy,
    trust,
)
from glue_jobs.aws import clients
from lakehouse.environments import names
from lakehouse.environments.model import Environment

# GitHub's environment of a plan; that of a deploy has the environment's own name.
PLAN = "-plan"


def make_delivery_roles(env: Environment) -> Iterator[str]:
    """Make or update the OIDC provider, the boundary and both roles; a line for each.

    Does nothing for an environment that names no repository. A second call finishes one that was
    interrupted.
    """
    repository = env.stack.repository
    if repository is None:
        return
    iam: Any = clients(env).client("iam")
    yield f"OIDC provider {ISSUER} {_state(_make_provider(iam, env))}"
    arn, is_new = _make_boundary(iam, env)
    yield f"policy {arn} {_state(is_new)}: the most that the deployer may"
    roles: list[tuple[str, str, Document, dict[str, str]]] = [
        (env.stack.deployer_role, env.name, deploy_policy(), {"PermissionsBoundary": arn})
    ]
    if env.stack.plan_role:
        roles.append((env.stack.plan_role, f"{env.name}{PLAN}", plan_policy(env), {}))
    for name, github_environment, policy, limits in roles:
        opened = trust(env, repository, github_environment)
        is_new = _make_role(iam, env, name, opened, policy, limits)
        yield f"role {name} {_state(is_new)}: taken on by {repository}, environment {github_environment}"


def _state(is_new: bool) -> str:
    return "made" if is_new else "was there"


def _make_provider(iam: Any, env: Environment) -> bool:
    create = {"Url": f"https://{ISSUER}", "ClientIDList": [AUDIENCE], "Tags": _tags(env)}
    return _created(lambda: iam.create_open_id_connect_provider(**create))


def _make_boundary(iam: Any, env: Environment) -> tuple[str, bool]:
    """(its ARN, whether it is new). An existing one gets a new version; IAM keeps five, so others go."""
    # A name that no rule for the environment's own policies covers: the deployer must not change it.
    name = f"{env.project}-boundary-{env.name}"
    arn = f"arn:aws:iam::{env.account}:policy/{name}"
    document = json.dumps(boundary(env))
    is_new = _created(lambda: iam.create_policy(PolicyName=name, PolicyDocument=document, Tags=_tags(env)))
    if not is_new:
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    return arn, is_new


def _make_role(
    iam: Any, env: Environment, name: str, opened: Document, policy: Document, limits: dict[str, str]
) -> bool:
    body = json.dumps(opened)
    create = {"RoleName": name, "AssumeRolePolicyDocument": body, "Tags": _tags(env), **limits}
    is_new = _created(lambda: iam.create_role(**create, MaxSessionDuration=7200))
    if not is_new:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=body)
        iam.update_role(RoleName=name, MaxSessionDuration=7200)
        if limits:
            iam.put_role_permissions_boundary(RoleName=name, **limits)
    iam.put_role_policy(RoleName=name, PolicyName="delivery", PolicyDocument=json.dumps(policy))
    return is_new


def _created(create: Callable[[], object]) -> bool:
    """Whether `create` made it; False when it exists."""
    from botocore.exceptions import ClientError

    try:
        create()
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityAlreadyExists":
            raise
        return False
    return True


def _tags(env: Environment) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in names.tags(env).items()]
