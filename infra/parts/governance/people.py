"""The roles that people take on, and what they need to ask, to watch and to run. What they see of the data, Lake Formation decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy

from infra.constructs.workgroup import WorkgroupSpec, workgroup
from infra.parts.encryption.keys import Keys
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.access.model import Role
from lakehouse.environments import names
from lakehouse.environments.names import LAYERS, Zone

Statements = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class People:
    """IamRole and AthenaWorkgroup by the role's name in grants.yml; only who may query has a workgroup."""

    roles: dict[str, Any]
    workgroups: dict[str, Any]


def people(stack: PlatformStack, keys: Keys, storage: Storage) -> People:
    stated = stack.facts.policy.roles
    asking = {
        # Each role's results lie apart: what one role may see, another may not read from its results.
        name: workgroup(
            stack,
            WorkgroupSpec(
                f"workgroup_{name}",
                names.role_workgroup(stack.env, name),
                f"Queries of the role {name}",
                names.role_results(name),
                keys.platform,
                storage.zones[Zone.ATHENA].policy,
            ),
        )
        for name, role in stated.items()
        if "query" in role.may
    }
    return People({name: _role(stack, keys, name, role) for name, role in stated.items()}, asking)


def _role(stack: PlatformStack, keys: Keys, name: str, role: Role) -> Any:
    env = stack.env
    made = IamRole(
        stack,
        f"role_person_{name}",
        name=names.person_role(env, name),
        description=role.description,
        assume_role_policy=_document({"PeopleOfTheseGroups": _trust(stack, role)}),
    )
    statements = _look(stack, keys)
    by_word: dict[str, Callable[[], Statements]] = {
        "query": lambda: _query(stack, keys, name),
        "watch": lambda: _watch(stack),
        "run": lambda: _run(stack),
    }
    for word in role.may:
        statements |= by_word[word]()
    IamRolePolicy(
        stack, f"role_policy_person_{name}", name="person", role=made.id, policy=_document(statements)
    )
    return made


def _trust(stack: PlatformStack, role: Role) -> dict[str, Any]:
    provider = f"arn:aws:iam::{stack.env.account}:saml-provider/{stack.env.stack.identity_provider}"
    return {
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {
            "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"},
            "ForAnyValue:StringEquals": {"saml:edupersonaffiliation": list(role.groups)},
        },
    }


def _look(stack: PlatformStack, keys: Keys) -> Statements:
    """The catalog shows a principal only what Lake Formation lets it see."""
    env = stack.env
    databases = [names.database(env, layer) for layer in LAYERS]
    catalog = f"arn:aws:glue:{env.region}:{env.account}"
    resources = [
        f"{catalog}:catalog",
        *(f"{catalog}:database/{d}" for d in databases),
        *(f"{catalog}:table/{d}/*" for d in databases),
    ]
    actions = [
        "glue:GetDatabase",
        "glue:GetDatabases",
        "glue:GetTable",
        "glue:GetTables",
        "glue:GetPartition",
        "glue:GetPartitions",
    ]
    return {
        "LookIntoTheCatalog": {"Action": actions, "Resource": resources},
        # The catalog is encrypted whole.
        "KeyOfCatalog": _by_service("kms:Decrypt", keys, f"glue.{env.region}.amazonaws.com"),
    }


def _query(stack: PlatformStack, keys: Keys, name: str) -> Statements:
    env = stack.env
    bucket, results = f"arn:aws:s3:::{names.bucket(env, Zone.ATHENA)}", names.role_results(name)
    asks = [
        "GetQueryExecution",
        "GetQueryResults",
        "GetWorkGroup",
        "ListQueryExecutions",
        "StartQueryExecution",
        "StopQueryExecution",
    ]
    return {
        "Ask": {
            "Action": [f"athena:{action}" for action in asks],
            "Resource": f"arn:aws:athena:{env.region}:{env.account}:workgroup/{names.role_workgroup(env, name)}",
        },
        # Lake Formation's one data action takes no resource: which table it is about, its grants decide.
        "AnyDataThatLakeFormationGrants": {"Action": "lakeformation:GetDataAccess", "Resource": "*"},
        "FindResults": {"Action": "s3:GetBucketLocation", "Resource": bucket},
        "ListResults": {
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": f"{results}*"}},
        },
        "OwnResults": {
            "Action": [
                "s3:GetObject",
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
            ],
            "Resource": f"{bucket}/{results}*",
        },
        "KeyOfResults": _by_service(
            ["kms:Decrypt", "kms:GenerateDataKey"], keys, f"s3.{env.region}.amazonaws.com"
        ),
    }


def _by_service(action: str | list[str], keys: Keys, service: str) -> dict[str, Any]:
    return {
        "Action": action,
        "Resource": keys.platform.arn,
        "Condition": {"StringEquals": {"kms:ViaService": service}},
    }


def _jobs(stack: PlatformStack) -> str:
    return f"arn:aws:glue:{stack.env.region}:{stack.env.account}:job/{names.glue_job(stack.env, '*')}"


def _watch(stack: PlatformStack) -> Statements:
    env = stack.env
    logs = f"arn:aws:logs:{env.region}:{env.account}:log-group:{names.log_group(env, '*')}"
    return {
        "SeeJobs": {
            "Action": ["glue:BatchGetJobs", "glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns"],
            "Resource": _jobs(stack),
        },
        "ReadLogs": {
            "Action": ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"],
            "Resource": [logs, f"{logs}:*"],
        },
        "SeeDashboard": {
            "Action": "cloudwatch:GetDashboard",
            "Resource": f"arn:aws:cloudwatch::{env.account}:dashboard/{names.dashboard(env)}",
        },
        # CloudWatch lets numbers be read by nobody or of everything: its reading actions take no resource.
        "AnyMetric": {"Action": "cloudwatch:GetMetricData", "Resource": "*"},
    }


def _run(stack: PlatformStack) -> Statements:
    """Start and stop what there is; never make or change a job."""
    return {"RunJobs": {"Action": ["glue:BatchStopJobRun", "glue:StartJobRun"], "Resource": _jobs(stack)}}


def _document(statements: Statements) -> str:
    stated = [{"Sid": sid, "Effect": "Allow", **body} for sid, body in statements.items()]
    return json.dumps({"Version": "2012-10-17", "Statement": stated})
