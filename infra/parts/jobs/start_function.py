"""The function `start_run`: people start jobs by it, and cannot start code of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from infra.constructs.function import FunctionSpec, function
from infra.parts.encryption.keys import Keys
from infra.parts.storage.artifacts import Artifacts
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone

NAME = "start_run"


def add_start_function(
    stack: PlatformStack, keys: Keys, artifacts: Artifacts, dead_letters: SqsQueue
) -> LambdaFunction:
    """The function, which reads the job catalog and starts the environment's jobs."""
    spec = FunctionSpec(
        name=NAME,
        purpose="Starts a job for a date, for people who may run jobs",
        code=artifacts.functions[NAME],
        key=keys.platform,
        dead_letters=dead_letters,
        variables=_variables(stack.env),
        statements=_permissions(stack.env),
        memory_mb=512,
        timeout_seconds=30,
    )
    return function(stack, spec)


def _variables(env: Environment) -> dict[str, str]:
    """The variables that lambdas/start_run/settings.py reads."""
    return {
        "ENVIRONMENT": env.name,
        "ACCOUNT": env.account,
        "REGION": env.region,
        "METRICS_NAMESPACE": names.metrics_namespace(env),
        "JOB_CATALOG_BUCKET": names.bucket(env, Zone.ARTIFACTS),
        "JOB_CATALOG_KEY": names.job_catalog_key(),
        "FUNCTION_NAME": names.function(env, NAME),
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def _permissions(env: Environment) -> dict[str, Mapping[str, Any]]:
    """Who the caller is, STS tells anybody."""
    catalog = f"arn:aws:s3:::{names.bucket(env, Zone.ARTIFACTS)}/{names.job_catalog_key()}"
    jobs = f"arn:aws:glue:{env.region}:{env.account}:job/{names.glue_job(env, '*')}"
    return {
        "JobCatalog": {"Action": "s3:GetObject", "Resource": catalog},
        "StartRuns": {"Action": "glue:StartJobRun", "Resource": jobs},
    }
