"""The Lakebase: Aurora PostgreSQL Serverless v2. Streams write it, applications read single rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf import TerraformOutput
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster
from cdktf_cdktf_provider_aws.rds_cluster_instance import RdsClusterInstance
from cdktf_cdktf_provider_aws.rds_cluster_parameter_group import (
    RdsClusterParameterGroup,
    RdsClusterParameterGroupParameter,
)

from infra.constructs.group import Peer, group, let_in, let_out
from infra.constructs.role import ServiceRole, Statements, service_role
from infra.parts.encryption.keys import Keys
from infra.parts.network.network import Network
from infra.platform_stack import PlatformStack
from lakehouse.environments import names

ENGINE = "aurora-postgresql"
PORT = 5432
DATABASE = "lakebase"
# Requires TLS. Logs schema changes and statements of over a second, without their parameters, which are rows.
PARAMETERS = {
    "rds.force_ssl": "1",
    "log_statement": "ddl",
    "log_min_duration_statement": "1000",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    # The error of a statement quotes a row. Whoever sent it gets it, and logs it without the row.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
}
LOG = "postgresql"


@dataclass(frozen=True)
class Lakebase:
    """The cluster, and the id of its security group, which lets the jobs' group in."""

    cluster: RdsCluster
    group: str

    @property
    def url(self) -> str:
        """Its address, as JDBC writes it."""
        return f"jdbc:postgresql://{self.cluster.endpoint}:{PORT}/{DATABASE}"


def lakebase(stack: PlatformStack, keys: Keys, network: Network) -> Lakebase:
    """The cluster with its instances, parameters, logs and monitoring."""
    members = group(stack, "lakebase", "Lakebase", network.vpc_id)
    jobs = Peer("jobs", group=network.jobs_group)
    let_in(stack, "lakebase", members, jobs, PORT, "Jobs that write the Lakebase")
    let_out(stack, "jobs", network.jobs_group, Peer("lakebase", group=members), PORT, "Lakebase")
    cluster = _cluster(stack, keys, network, members)
    monitor = _monitoring_role(stack)
    for number in range(1, stack.env.stack.lakebase.instances + 1):
        _instance(stack, keys, cluster, monitor, number)
    TerraformOutput(
        stack, "lakebase_host", value=cluster.endpoint, description="`host` of the secret that jobs log in by"
    )
    return Lakebase(cluster, members)


def _cluster(stack: PlatformStack, keys: Keys, network: Network, members: str) -> RdsCluster:
    env = stack.env
    declared, name = env.stack.lakebase, names.lakebase(env)
    subnets = DbSubnetGroup(stack, "subnets_lakebase", name=name, subnet_ids=list(network.subnet_ids))
    log_group = CloudwatchLogGroup(
        stack,
        "log_group_lakebase",
        name=f"/aws/rds/cluster/{name}/{LOG}",
        retention_in_days=env.stack.retention.log_days,
        kms_key_id=keys.platform.arn,
    )
    scaling = {"min_capacity": declared.min_capacity, "max_capacity": declared.max_capacity}
    return RdsCluster(
        stack,
        "lakebase",
        cluster_identifier=name,
        engine=ENGINE,
        engine_mode="provisioned",
        engine_version=declared.engine_version,
        database_name=DATABASE,
        iam_database_authentication_enabled=True,
        db_subnet_group_name=subnets.name,
        vpc_security_group_ids=[members],
        db_cluster_parameter_group_name=_parameters(stack).name,
        storage_encrypted=True,
        kms_key_id=keys.curated.arn,
        enabled_cloudwatch_logs_exports=[LOG],
        depends_on=[log_group],
        serverlessv2_scaling_configuration=scaling,
        **_password(keys),
        **_protection(stack, name),
    )


def _password(keys: Keys) -> dict[str, Any]:
    """RDS creates and rotates the password in Secrets Manager: no value is in the stack or its state."""
    return {
        "master_username": "lakebase_admin",
        "manage_master_user_password": True,
        "master_user_secret_kms_key_id": keys.secrets.key_id,
    }


def _protection(stack: PlatformStack, name: str) -> dict[str, Any]:
    """Backups, maintenance, and what happens when the cluster is deleted."""
    protect = stack.env.stack.protect
    return {
        "copy_tags_to_snapshot": True,
        "backup_retention_period": stack.env.stack.recovery.backup_days,
        "preferred_backup_window": "01:00-02:00",
        "preferred_maintenance_window": "sun:11:00-sun:12:00",
        "deletion_protection": protect,
        "skip_final_snapshot": not protect,
        "final_snapshot_identifier": f"{name}-final" if protect else None,
        "delete_automated_backups": not protect,
        "lifecycle": stack.keep,
    }


def _instance(
    stack: PlatformStack, keys: Keys, cluster: RdsCluster, monitor: ServiceRole, number: int
) -> None:
    RdsClusterInstance(
        stack,
        f"lakebase_{number}",
        identifier=f"{names.lakebase(stack.env)}-{number}",
        cluster_identifier=cluster.id,
        engine=ENGINE,
        instance_class="db.serverless",
        publicly_accessible=False,
        # A stated minor version stays: after an upgrade Terraform would ask for the older one.
        auto_minor_version_upgrade="." not in stack.env.stack.lakebase.engine_version,
        copy_tags_to_snapshot=True,
        promotion_tier=1,
        performance_insights_enabled=True,
        performance_insights_kms_key_id=keys.curated.arn,
        performance_insights_retention_period=7,
        monitoring_interval=60,
        monitoring_role_arn=monitor.arn,
        depends_on=[*monitor.policies],
    )


def _parameters(stack: PlatformStack) -> RdsClusterParameterGroup:
    version = stack.env.stack.lakebase.engine_version.split(".")[0]
    parameters = [
        RdsClusterParameterGroupParameter(name=key, value=value) for key, value in PARAMETERS.items()
    ]
    return RdsClusterParameterGroup(
        stack,
        "parameters_lakebase",
        name=f"{names.lakebase(stack.env)}-{version}",
        family=f"{ENGINE}{version}",
        parameter=parameters,
    )


def _monitoring_role(stack: PlatformStack) -> ServiceRole:
    # All databases of an account share the agent's log group.
    log_group = f"arn:aws:logs:{stack.env.region}:{stack.env.account}:log-group:RDSOSMetrics"
    actions = ["CreateLogStream", "PutLogEvents", "DescribeLogStreams", "GetLogEvents"]
    statements: Statements = {
        # IAM asks of CreateLogGroup for the group's ARN with `:log-stream:` at its end.
        "MakeLogGroup": {
            "Action": ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
            "Resource": [log_group, f"{log_group}:*"],
        },
        "WriteLog": {
            "Action": [f"logs:{action}" for action in actions],
            "Resource": f"{log_group}:log-stream:*",
        },
    }
    return service_role(stack, "lakebase_monitor", "monitoring.rds.amazonaws.com", statements)
