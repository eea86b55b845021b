"""What the two functions are told, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.parts.storage.keys import Keys
from infra.platform_stack import House
from lakehouse.environments import names
from lakehouse.environments.control import AUDIT_BY_DATE
from lakehouse.environments.names import Control, Zone

Statements = dict[str, Mapping[str, Any]]


def variables(house: House, undelivered: Any) -> dict[str, str]:
    """The variables that lambdas/common/settings.py asks for: names and addresses, never a secret."""
    env = house.env
    alerts = env.stack.alerts
    return {
        "ENVIRONMENT": env.name,
        "ACCOUNT": env.account,
        "REGION": env.region,
        "METRICS_NAMESPACE": names.metrics_namespace(env),
        "WATCHED_BUCKET": names.bucket(env, Zone.ARTIFACTS),
        "WATCHED_KEY": names.watched_key(),
        "OWNER_TOPIC_ARN": _arn(house, "sns", names.owner_topic(env)),
        "UNDELIVERED_URL": undelivered.url,
        "TOLD_TABLE": names.told_table(env),
        "AUDIT_TABLE": names.control_table(env, Control.AUDIT),
        "DOCS_URL": alerts.docs_url,
        "LOG_GROUP": f"{names.log_group(env, 'jobs')}/error",
        **({"SLACK_SECRET": names.secret(env, alerts.slack_secret)} if alerts.slack_secret else {}),
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def rights(house: House, keys: Keys, undelivered: Any) -> Statements:
    """The same for both: read facts, audit and runs; write messages, and which were sent."""
    env = house.env
    audit = _arn(house, "dynamodb", f"table/{names.control_table(env, Control.AUDIT)}")
    told = _arn(house, "dynamodb", f"table/{names.told_table(env)}")
    watched = f"arn:aws:s3:::{names.bucket(env, Zone.ARTIFACTS)}/{names.watched_key()}"
    return {
        "Publish": {"Action": "sns:Publish", "Resource": _arn(house, "sns", names.owner_topic(env))},
        "Undelivered": {"Action": "sqs:SendMessage", "Resource": undelivered.arn},
        "EncryptMessages": {"Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": keys.messages.arn},
        "Watched": {"Action": "s3:GetObject", "Resource": watched},
        "Audit": {"Action": "dynamodb:Query", "Resource": f"{audit}/index/{AUDIT_BY_DATE}"},
        "Told": {
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
            "Resource": told,
        },
        "State": {"Action": "kms:Decrypt", "Resource": keys.state.arn, "Condition": _by(house, "dynamodb")},
        "Runs": _glue(house),
        **_slack(house, keys),
    }


def _slack(house: House, keys: Keys) -> Statements:
    secret = house.env.stack.alerts.slack_secret
    if secret is None:
        return {}
    # Secrets Manager ends each ARN with six characters of its own.
    arn = _arn(house, "secretsmanager", f"secret:{names.secret(house.env, secret)}-??????")
    return {
        "Slack": {"Action": "secretsmanager:GetSecretValue", "Resource": arn},
        "SlackKey": {
            "Action": "kms:Decrypt",
            "Resource": keys.secrets.arn,
            "Condition": _by(house, "secretsmanager"),
        },
    }


def _glue(house: House) -> dict[str, Any]:
    return {
        "Action": "glue:GetJobRuns",
        "Resource": _arn(house, "glue", f"job/{names.glue_job(house.env, '')}*"),
    }


def _by(house: House, service: str) -> dict[str, Any]:
    return {"StringEquals": {"kms:ViaService": f"{service}.{house.env.region}.amazonaws.com"}}


def _arn(house: House, service: str, rest: str) -> str:
    return f"arn:aws:{service}:{house.env.region}:{house.env.account}:{rest}"
