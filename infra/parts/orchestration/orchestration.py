"""Managed Airflow: private, logged, and able to start and watch this environment's Glue jobs, nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.mwaa_environment import MwaaEnvironment

from infra.constructs.role import Statements, service_role
from infra.parts.network.network import Network
from infra.parts.storage.keys import Keys
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone

# MWAA's word for each kind of log, in the name of its group, and the least serious line that is kept.
LOGS = {
    "DAGProcessing": "WARNING",
    "Scheduler": "WARNING",
    "Task": "INFO",
    "WebServer": "WARNING",
    "Worker": "WARNING",
}


@dataclass(frozen=True)
class DagFolder:
    """What was uploaded to the artifacts bucket. `requirements` and `startup` are S3Objects: MWAA wants the version of each."""

    prefix: str
    requirements: Any
    startup: Any


@dataclass(frozen=True)
class Orchestration:
    environment: Any
    role: Any


def add_orchestration(
    stack: PlatformStack, keys: Keys, network: Network, storage: Storage, dags: DagFolder
) -> Orchestration:
    env, facts = stack.env, stack.env.stack.airflow
    bucket = storage.zones[Zone.ARTIFACTS]
    arn = f"arn:aws:airflow:{env.region}:{env.account}:environment/{names.airflow(env)}"
    only_this = {"ArnLike": {"aws:SourceArn": arn}}
    role = service_role(
        stack,
        "mwaa",
        ["airflow.amazonaws.com", "airflow-env.amazonaws.com"],
        _may(env, keys, dags, arn),
        only_this,
    )
    groups = [_log_group(stack, keys, kind) for kind in LOGS]
    environment = MwaaEnvironment(
        stack, "airflow", name=names.airflow(env), airflow_version=facts.version, environment_class=facts.environment_class,
        min_workers=1, max_workers=facts.max_workers, schedulers=2, webserver_access_mode="PRIVATE_ONLY", kms_key=keys.platform.arn,
        execution_role_arn=role.arn, weekly_maintenance_window_start=facts.maintenance, endpoint_management="SERVICE",
        source_bucket_arn=bucket.bucket.arn, dag_s3_path=dags.prefix,
        requirements_s3_path=dags.requirements.key, requirements_s3_object_version=dags.requirements.version_id,
        startup_script_s3_path=dags.startup.key, startup_script_s3_object_version=dags.startup.version_id,
        network_configuration={"security_group_ids": [network.airflow_group], "subnet_ids": list(network.subnet_ids)},
        logging_configuration={f"{kind.lower().replace('dag', 'dag_')}_logs": {"enabled": True, "log_level": level} for kind, level in LOGS.items()},
        airflow_configuration_options=_options(env),
        # MWAA would make the groups itself, to be kept for ever; and it refuses a bucket that is not private and versioned yet.
        depends_on=[*groups, bucket.versioning, bucket.policy],
    )  # fmt: skip
    return Orchestration(environment, role)


def _log_group(stack: PlatformStack, keys: Keys, kind: str) -> Any:
    name = f"airflow-{names.airflow(stack.env)}-{kind}"
    days = stack.env.stack.retention.log_days
    return CloudwatchLogGroup(
        stack,
        f"log_group_airflow_{kind.lower()}",
        name=name,
        retention_in_days=days,
        kms_key_id=keys.platform.arn,
    )


def _options(env: Environment) -> dict[str, str]:
    return {
        "core.load_examples": "False",
        "core.dags_are_paused_at_creation": "False",
        # Runs of one DAG write the same tables.
        "core.max_active_runs_per_dag": "1",
        # A task that waits for a Glue job is the triggerer's, and takes no worker.
        "operators.default_deferrable": "True",
        "lakehouse.env": env.name,
    }


def _may(env: Environment, keys: Keys, dags: DagFolder, arn: str) -> Statements:
    logs = f"arn:aws:logs:{env.region}:{env.account}:log-group:airflow-{names.airflow(env)}-*"
    bucket = f"arn:aws:s3:::{names.bucket(env, Zone.ARTIFACTS)}"
    root = dags.prefix.split("/")[0]
    return {
        "StartAndWatchJobs": {
            "Action": ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun", "glue:GetJob"],
            "Resource": f"arn:aws:glue:{env.region}:{env.account}:job/{names.glue_job(env, '*')}",
        },
        # What a task that failed says; the text of the error is the job's own, which has taken secrets out.
        "Alert": {"Action": "sns:Publish", "Resource": f"arn:aws:sns:{env.region}:{env.account}:{names.alert_topic(env)}"},
        "KeyOfAlerts": {
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": keys.messages.arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"sns.{env.region}.amazonaws.com"}},
        },
        "ReadDags": {"Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": f"{bucket}/{root}/*"},
        "SeeBucket": {"Action": ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucket*", "s3:GetEncryptionConfiguration"], "Resource": bucket},
        "OwnLogs": {
            "Action": [
                "logs:CreateLogStream", "logs:CreateLogGroup", "logs:PutLogEvents", "logs:GetLogEvents", "logs:GetLogRecord",
                "logs:GetLogGroupFields", "logs:GetQueryResults",
            ],
            "Resource": [logs, f"{logs}:*"],
        },
        "OwnHealth": {"Action": "airflow:PublishMetrics", "Resource": arn},
        **_service_needs(env, keys),
    }  # fmt: skip


def _service_needs(env: Environment, keys: Keys) -> Statements:
    """What MWAA itself asks of the role of every environment."""
    queues = f"arn:aws:sqs:{env.region}:*:airflow-celery-*"
    by_services = {
        "StringEquals": {
            "kms:ViaService": [f"{service}.{env.region}.amazonaws.com" for service in ("sqs", "s3")]
        }
    }
    return {
        # MWAA keeps its queues in an account of AWS's own, which it does not tell.
        "AnyAccountOfCeleryQueues": {
            "Action": [
                "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage",
            ],
            "Resource": queues,
        },
        "QueuesAndFolderAreEncrypted": {
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*", "kms:Encrypt"], "Resource": keys.platform.arn, "Condition": by_services,
        },
        # These three name no resource in AWS's own list of actions.
        "AnyMetricOfAirflow": {
            "Action": "cloudwatch:PutMetricData", "Resource": "*", "Condition": {"StringLike": {"cloudwatch:namespace": ["AmazonMWAA*", "AWS/MWAA*"]}},
        },
        "AnyLogGroupIsListed": {"Action": "logs:DescribeLogGroups", "Resource": "*"},
        "AnyBucketBlockOfTheAccount": {"Action": "s3:GetAccountPublicAccessBlock", "Resource": "*"},
    }  # fmt: skip
