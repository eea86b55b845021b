"""The permissions of Airflow's role."""

from __future__ import annotations

from collections.abc import Iterable

from infra.constructs.role import Statements
from infra.parts.encryption.keys import Keys
from lakehouse.environments import names
from lakehouse.environments.control import AUDIT_BY_DATE
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Control, Zone
from lakehouse.pipelines import Job


def airflow_permissions(env: Environment, keys: Keys, folder: str, environment_arn: str) -> Statements:
    """Starts and watches Glue jobs, publishes alerts, reads the audit's rows of a day, and
    reads `folder` of the artifacts bucket.
    """
    return {
        **_jobs(env),
        **_alerts(env, keys),
        **_audit(env, keys),
        **_dag_folder(env, folder),
        **_own_logs(env),
        "OwnHealth": {"Action": "airflow:PublishMetrics", "Resource": environment_arn},
        **_mwaa(env, keys),
    }


def factory_permissions(env: Environment, jobs: Iterable[Job], keys: Keys) -> Statements:
    """Reads the secrets that reach the environment's data factory, and those of its pipelines' parameters."""
    if env.data_factory is None:
        return {}
    secrets = {env.data_factory.secret} | {s for j in jobs if j.factory_pipeline(env) for s in j.secrets}
    arn = f"arn:aws:secretsmanager:{env.region}:{env.account}:secret"
    return {
        "SecretsOfDataFactory": {
            "Action": "secretsmanager:GetSecretValue",
            "Resource": [f"{arn}:{names.secret(env, name)}-??????" for name in sorted(secrets)],
        },
        "KeyOfSecrets": {
            "Action": "kms:Decrypt",
            "Resource": keys.secrets.arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{env.region}.amazonaws.com"}},
        },
    }


def _jobs(env: Environment) -> Statements:
    actions = ["StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun", "GetJob"]
    jobs = f"arn:aws:glue:{env.region}:{env.account}:job/{names.glue_job(env, '*')}"
    return {"StartAndWatchJobs": {"Action": [f"glue:{action}" for action in actions], "Resource": jobs}}


def _alerts(env: Environment, keys: Keys) -> Statements:
    """A failed task publishes its error, from which the job has redacted secrets."""
    topic = f"arn:aws:sns:{env.region}:{env.account}:{names.alert_topic(env)}"
    return {
        "Alert": {"Action": "sns:Publish", "Resource": topic},
        "KeyOfAlerts": {
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": keys.messages.arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"sns.{env.region}.amazonaws.com"}},
        },
    }


def _audit(env: Environment, keys: Keys) -> Statements:
    """A task logs the warnings of its run."""
    table = f"arn:aws:dynamodb:{env.region}:{env.account}:table/{names.control_table(env, Control.AUDIT)}"
    return {
        "WarningsOfRuns": {"Action": "dynamodb:Query", "Resource": f"{table}/index/{AUDIT_BY_DATE}"},
        "KeyOfAudit": {
            "Action": "kms:Decrypt",
            "Resource": keys.state.arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{env.region}.amazonaws.com"}},
        },
    }


def _dag_folder(env: Environment, folder: str) -> Statements:
    bucket = f"arn:aws:s3:::{names.bucket(env, Zone.ARTIFACTS)}"
    see = ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucket*", "s3:GetEncryptionConfiguration"]
    return {
        "ReadDags": {"Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": f"{bucket}/{folder}/*"},
        "SeeBucket": {"Action": see, "Resource": bucket},
    }


def _own_logs(env: Environment) -> Statements:
    log_groups = f"arn:aws:logs:{env.region}:{env.account}:log-group:airflow-{names.airflow(env)}-*"
    actions = [
        "logs:CreateLogStream",
        "logs:CreateLogGroup",
        "logs:PutLogEvents",
        "logs:GetLogEvents",
        "logs:GetLogRecord",
        "logs:GetLogGroupFields",
        "logs:GetQueryResults",
    ]
    return {"OwnLogs": {"Action": actions, "Resource": [log_groups, f"{log_groups}:*"]}}


def _mwaa(env: Environment, keys: Keys) -> Statements:
    """What MWAA requires of every environment's role."""
    queue_actions = [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ]
    services = [f"{service}.{env.region}.amazonaws.com" for service in ("sqs", "s3")]
    return {
        # MWAA keeps its queues in an AWS account that it does not publish.
        "AnyAccountOfCeleryQueues": {
            "Action": queue_actions,
            "Resource": f"arn:aws:sqs:{env.region}:*:airflow-celery-*",
        },
        "QueuesAndFolderAreEncrypted": {
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*", "kms:Encrypt"],
            "Resource": keys.platform.arn,
            "Condition": {"StringEquals": {"kms:ViaService": services}},
        },
        # The actions of the last three statements take no resource.
        "AnyMetricOfAirflow": {
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringLike": {"cloudwatch:namespace": ["AmazonMWAA*", "AWS/MWAA*"]}},
        },
        "AnyLogGroupIsListed": {"Action": "logs:DescribeLogGroups", "Resource": "*"},
        "AnyBucketBlockOfTheAccount": {"Action": "s3:GetAccountPublicAccessBlock", "Resource": "*"},
    }
