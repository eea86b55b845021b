"""The environment variables and permissions of the two functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from infra.parts.encryption.keys import Keys
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.control import AUDIT_BY_DATE
from lakehouse.environments.names import Control, Zone

Statements = dict[str, Mapping[str, Any]]


def variables(stack: PlatformStack, undelivered: SqsQueue) -> dict[str, str]:
    """The variables that lambdas/common/settings.py reads: names and addresses, never a secret."""
    env = stack.env
    alerts = env.stack.alerts
    return {
        "ENVIRONMENT": env.name,
        "ACCOUNT": env.account,
        "REGION": env.region,
        "METRICS_NAMESPACE": names.metrics_namespace(env),
        "JOB_CATALOG_BUCKET": names.bucket(env, Zone.ARTIFACTS),
        "JOB_CATALOG_KEY": names.job_catalog_key(),
        "OWNER_TOPIC_ARN": _arn(stack, "sns", names.owner_topic(env)),
        "UNDELIVERED_URL": undelivered.url,
        "NOTIFIED_TABLE": names.notified_table(env),
        "AUDIT_TABLE": names.control_table(env, Control.AUDIT),
        "DOCS_URL": alerts.docs_url,
        "LOG_GROUP": f"{names.log_group(env, 'jobs')}/error",
        **({"SLACK_SECRET": names.secret(env, alerts.slack_secret)} if alerts.slack_secret else {}),
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def permissions(stack: PlatformStack, keys: Keys, undelivered: SqsQueue) -> Statements:
    """Both functions read the job catalog, the audit and Glue's runs, and send messages."""
    env = stack.env
    audit = _arn(stack, "dynamodb", f"table/{names.control_table(env, Control.AUDIT)}")
    notified = _arn(stack, "dynamodb", f"table/{names.notified_table(env)}")
    job_catalog = f"arn:aws:s3:::{names.bucket(env, Zone.ARTIFACTS)}/{names.job_catalog_key()}"
    items = ["GetItem", "PutItem", "UpdateItem", "DeleteItem"]
    jobs = _arn(stack, "glue", f"job/{names.glue_job(stack.env, '')}*")
    return {
        "Publish": {"Action": "sns:Publish", "Resource": _arn(stack, "sns", names.owner_topic(env))},
        "Undelivered": {"Action": "sqs:SendMessage", "Resource": undelivered.arn},
        "EncryptMessages": {"Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": keys.messages.arn},
        "Watched": {"Action": "s3:GetObject", "Resource": job_catalog},
        "Audit": {"Action": "dynamodb:Query", "Resource": f"{audit}/index/{AUDIT_BY_DATE}"},
        "Told": {"Action": [f"dynamodb:{action}" for action in items], "Resource": notified},
        "State": {
            "Action": "kms:Decrypt",
            "Resource": keys.state.arn,
            "Condition": _via_service(stack, "dynamodb"),
        },
        "Runs": {"Action": "glue:GetJobRuns", "Resource": jobs},
        **_slack(stack, keys),
    }


def _slack(stack: PlatformStack, keys: Keys) -> Statements:
    secret = stack.env.stack.alerts.slack_secret
    if secret is None:
        return {}
    # Secrets Manager appends six characters to each ARN.
    arn = _arn(stack, "secretsmanager", f"secret:{names.secret(stack.env, secret)}-??????")
    return {
        "Slack": {"Action": "secretsmanager:GetSecretValue", "Resource": arn},
        "SlackKey": {
            "Action": "kms:Decrypt",
            "Resource": keys.secrets.arn,
            "Condition": _via_service(stack, "secretsmanager"),
        },
    }


def _via_service(stack: PlatformStack, service: str) -> dict[str, Any]:
    return {"StringEquals": {"kms:ViaService": f"{service}.{stack.env.region}.amazonaws.com"}}


def _arn(stack: PlatformStack, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{stack.env.region}:{stack.env.account}:{resource}"
