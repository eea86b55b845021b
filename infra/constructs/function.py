"""A Lambda function as the house wants it: one role, encrypted variables and logs, a trace, and a queue for what it could not do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction

from infra.platform_stack import PlatformStack
from lakehouse.environments import names

RUNTIME = "python3.13"
# A fifth cheaper for the same work, and nothing of ours needs x86.
ARCHITECTURE = "arm64"


@dataclass(frozen=True)
class FunctionSpec:
    """`code` is (path of the zip, its hash). `key` encrypts variables and logs. No VPC: it only calls AWS and Slack. `at_once`: how many may run."""

    name: str
    purpose: str
    code: tuple[str, str]
    key: Any
    dead_letters: Any
    variables: Mapping[str, str]
    statements: Mapping[str, Mapping[str, Any]]
    memory_mb: int
    timeout_seconds: int
    at_once: int


def function(stack: PlatformStack, spec: FunctionSpec) -> Any:
    """The LambdaFunction; the handler is `lambdas.<name>.handler.handler`."""
    env, name = stack.env, spec.name
    called = names.function(env, name)
    # Made by us and before the function, or Lambda makes one that is neither encrypted nor ever emptied.
    logs = CloudwatchLogGroup(
        stack, f"logs_{name}", name=f"/aws/lambda/{called}", retention_in_days=env.stack.retention.log_days, kms_key_id=spec.key.arn
    )  # fmt: skip
    role = IamRole(
        stack, f"role_{name}", name=names.service_role(env, name), assume_role_policy=json.dumps(_trust(env.account)),
        description=f"{env.project} {env.name}: {spec.purpose}",
    )  # fmt: skip
    policy = IamRolePolicy(
        stack, f"permissions_{name}", name="own", role=role.name, policy=json.dumps(_policy(spec, logs))
    )
    path, digest = spec.code
    return LambdaFunction(
        stack, f"function_{name}", function_name=called, description=spec.purpose, role=role.arn, runtime=RUNTIME, architectures=[ARCHITECTURE],
        handler=f"lambdas.{name}.handler.handler", filename=path, source_code_hash=digest, memory_size=spec.memory_mb,
        timeout=spec.timeout_seconds, reserved_concurrent_executions=spec.at_once, kms_key_arn=spec.key.arn,
        environment={"variables": dict(spec.variables)}, tracing_config={"mode": "Active"},
        dead_letter_config={"target_arn": spec.dead_letters.arn}, depends_on=[logs, policy],
    )  # fmt: skip


def _trust(account: str) -> dict[str, Any]:
    only = {"StringEquals": {"aws:SourceAccount": account}}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": only,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _policy(spec: FunctionSpec, logs: Any) -> dict[str, Any]:
    defaults: dict[str, Mapping[str, Any]] = {
        "Logs": {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"{logs.arn}:*"},
        # X-Ray knows no resources.
        "AnyTrace": {"Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"},
        "Variables": {"Action": "kms:Decrypt", "Resource": spec.key.arn},
        "DeadLetters": {"Action": "sqs:SendMessage", "Resource": spec.dead_letters.arn},
    }
    statements = {**defaults, **spec.statements}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, "Effect": "Allow", **statement} for sid, statement in statements.items()],
    }
