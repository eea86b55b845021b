"""Managed Airflow (MWAA): private, logged, and with a role that can start and watch Glue jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cdktf import DataResource, ITerraformDependable
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.mwaa_environment import MwaaEnvironment
from cdktf_cdktf_provider_aws.s3_object import S3Object

from infra.constructs.role import ServiceRole, service_role
from infra.parts.encryption.keys import Keys
from infra.parts.network.network import Network
from infra.parts.orchestration.airflow_permissions import airflow_permissions, factory_permissions
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone

# The log groups by MWAA's names for them, and the least severe level that each keeps.
LOG_LEVELS = {
    "DAGProcessing": "WARNING",
    "Scheduler": "WARNING",
    "Task": "INFO",
    "WebServer": "WARNING",
    "Worker": "WARNING",
}


@dataclass(frozen=True)
class DagFolder:
    """What is uploaded to the artifacts bucket for MWAA, which wants the object version of the two files.

    `uploaded`: the upload of the DAGs themselves.
    """

    prefix: str
    requirements: S3Object
    startup: S3Object
    uploaded: DataResource


@dataclass(frozen=True)
class Orchestration:
    """The MWAA environment and its role."""

    environment: MwaaEnvironment
    role: IamRole


def add_orchestration(
    stack: PlatformStack, keys: Keys, network: Network, storage: Storage, dags: DagFolder
) -> Orchestration:
    """The MWAA environment, its role and its log groups."""
    env, declared = stack.env, stack.env.stack.airflow
    bucket = storage.zones[Zone.ARTIFACTS]
    role = _role(stack, keys, dags)
    environment = MwaaEnvironment(
        stack,
        "airflow",
        name=names.airflow(env),
        airflow_version=declared.version,
        environment_class=declared.environment_class,
        min_workers=1,
        max_workers=declared.max_workers,
        schedulers=declared.schedulers,
        webserver_access_mode="PRIVATE_ONLY",
        kms_key=keys.platform.arn,
        execution_role_arn=role.arn,
        weekly_maintenance_window_start=declared.maintenance,
        endpoint_management="SERVICE",
        source_bucket_arn=bucket.bucket.arn,
        dag_s3_path=dags.prefix,
        requirements_s3_path=dags.requirements.key,
        requirements_s3_object_version=dags.requirements.version_id,
        startup_script_s3_path=dags.startup.key,
        startup_script_s3_object_version=dags.startup.version_id,
        network_configuration=_network(network),
        logging_configuration=_logging(),
        airflow_configuration_options=airflow_options(env),
        # Without these groups MWAA creates its own, without encryption or retention.
        depends_on=[
            *(_log_group(stack, keys, kind) for kind in LOG_LEVELS),
            *_preconditions(storage, dags, role, network),
        ],
    )
    return Orchestration(environment, role.role)


def _role(stack: PlatformStack, keys: Keys, dags: DagFolder) -> ServiceRole:
    env = stack.env
    arn = f"arn:aws:airflow:{env.region}:{env.account}:environment/{names.airflow(env)}"
    services = ["airflow.amazonaws.com", "airflow-env.amazonaws.com"]
    permissions = {
        **airflow_permissions(env, keys, dags.prefix.split("/")[0], arn),
        **factory_permissions(env, stack.facts.jobs, keys),
    }
    return service_role(stack, "mwaa", services, permissions, {"ArnLike": {"aws:SourceArn": arn}})


def _preconditions(
    storage: Storage, dags: DagFolder, role: ServiceRole, network: Network
) -> list[ITerraformDependable]:
    """What stands before Airflow starts.

    It fails after 40 minutes where its role has no rights yet or its subnets no ways, and refuses a bucket
    that is not yet private and versioned.
    """
    bucket = storage.zones[Zone.ARTIFACTS]
    return [bucket.versioning, bucket.policy, dags.uploaded, *role.policies, *network.airflow_ways]


def _log_group(stack: PlatformStack, keys: Keys, kind: str) -> CloudwatchLogGroup:
    return CloudwatchLogGroup(
        stack,
        f"log_group_airflow_{kind.lower()}",
        name=f"airflow-{names.airflow(stack.env)}-{kind}",
        retention_in_days=stack.env.stack.retention.log_days,
        kms_key_id=keys.platform.arn,
    )


def _network(network: Network) -> dict[str, list[str]]:
    return {"security_group_ids": [network.airflow_group], "subnet_ids": list(network.subnet_ids)}


def _logging() -> dict[str, dict[str, Any]]:
    """MWAA's setting per log group: `dag_processing_logs`, `scheduler_logs`, …"""
    return {
        f"{kind.lower().replace('dag', 'dag_')}_logs": {"enabled": True, "log_level": level}
        for kind, level in LOG_LEVELS.items()
    }


def airflow_options(env: Environment) -> dict[str, str]:
    """Airflow's options, `section.name` → value."""
    return {
        **(_connection(env) if env.data_factory else {}),
        "core.load_examples": "False",
        # A new DAG waits until `lakehouse doctor --smoke` finds that its jobs have what they need.
        "core.dags_are_paused_at_creation": "True",
        # Two runs of one DAG would write the same tables.
        "core.max_active_runs_per_dag": "1",
        # The triggerer waits for Glue jobs, so that no worker does.
        "operators.default_deferrable": "True",
        "lakehouse.env": env.name,
    }


def _connection(env: Environment) -> dict[str, str]:
    """Airflow finds the connection to the data factory, and no other, in Secrets Manager."""
    prefix, _, name = names.secret(env, env.data_factory.secret if env.data_factory else "").rpartition("/")
    lookup = {"connections_prefix": prefix, "connections_lookup_pattern": f"^{name}$"}
    nothing = {"variables_prefix": None, "config_prefix": None}
    return {
        "secrets.backend": "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
        "secrets.backend_kwargs": json.dumps({**lookup, **nothing, "region_name": env.region}),
    }
