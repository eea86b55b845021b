"""A Lambda function with the platform's defaults.

A role of its own, encrypted variables and logs, traces, and a queue of dead letters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from infra.constructs.policy import Statements, policy_document
from infra.platform_stack import PlatformStack
from lakehouse.environments import names

RUNTIME = "python3.13"
# A fifth cheaper than x86 for the same work, and no dependency needs x86.
ARCHITECTURE = "arm64"


@dataclass(frozen=True)
class FunctionSpec:
    """What differs between functions.

    `code` is the path of the zip and its hash. `key` encrypts variables and logs. A function has no VPC: it
    only calls AWS and Slack. It reserves no concurrency: a new account has ten, and none of them to reserve.
    """

    name: str
    purpose: str
    code: tuple[str, str]
    key: KmsKey
    dead_letters: SqsQueue
    variables: Mapping[str, str]
    statements: Statements
    memory_mb: int
    timeout_seconds: int


def function(stack: PlatformStack, spec: FunctionSpec) -> LambdaFunction:
    """The LambdaFunction; its handler is `lambdas.<name>.handler.handler`."""
    env, name = stack.env, spec.name
    physical_name = names.function(env, name)
    # Made before the function: otherwise Lambda makes a group that is not encrypted and never emptied.
    logs = CloudwatchLogGroup(
        stack,
        f"logs_{name}",
        name=f"/aws/lambda/{physical_name}",
        retention_in_days=env.stack.retention.log_days,
        kms_key_id=spec.key.arn,
    )
    role = _role(stack, spec)
    permissions = IamRolePolicy(
        stack, f"permissions_{name}", name="own", role=role.name, policy=_permissions(spec, logs)
    )
    path, digest = spec.code
    return LambdaFunction(
        stack,
        f"function_{name}",
        function_name=physical_name,
        description=spec.purpose,
        role=role.arn,
        runtime=RUNTIME,
        architectures=[ARCHITECTURE],
        handler=f"lambdas.{name}.handler.handler",
        filename=path,
        source_code_hash=digest,
        memory_size=spec.memory_mb,
        timeout=spec.timeout_seconds,
        kms_key_arn=spec.key.arn,
        environment={"variables": dict(spec.variables)},
        tracing_config={"mode": "Active"},
        dead_letter_config={"target_arn": spec.dead_letters.arn},
        depends_on=[logs, permissions],
    )


def _role(stack: PlatformStack, spec: FunctionSpec) -> IamRole:
    env = stack.env
    return IamRole(
        stack,
        f"role_{spec.name}",
        name=names.service_role(env, spec.name),
        assume_role_policy=_trust(env.account),
        description=f"{env.project} {env.name}: {spec.purpose}",
    )


def _trust(account: str) -> str:
    """Lets the Lambda service assume the role for this account alone."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _permissions(spec: FunctionSpec, logs: CloudwatchLogGroup) -> str:
    """What every function needs, and the function's own statements."""
    defaults: dict[str, Mapping[str, Any]] = {
        "Logs": {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"{logs.arn}:*"},
        # X-Ray has no resources that a policy could name.
        "AnyTrace": {"Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"},
        "Variables": {"Action": "kms:Decrypt", "Resource": spec.key.arn},
        "DeadLetters": {"Action": "sqs:SendMessage", "Resource": spec.dead_letters.arn},
    }
    return policy_document({**defaults, **spec.statements}, Effect="Allow")
