"""The Lakebase: Aurora PostgreSQL Serverless v2, where streaming jobs put rows that applications read one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster
from cdktf_cdktf_provider_aws.rds_cluster_instance import RdsClusterInstance
from cdktf_cdktf_provider_aws.rds_cluster_parameter_group import (
    RdsClusterParameterGroup,
    RdsClusterParameterGroupParameter,
)

from infra.constructs.group import Peer, group, let_in, let_out
from infra.constructs.role import service_role
from infra.parts.network.network import Network
from infra.parts.storage.keys import Keys
from infra.platform_stack import PlatformStack
from lakehouse.environments import names

ENGINE = "aurora-postgresql"
PORT = 5432
DATABASE = "lakebase"
# TLS is demanded of every client; changes of the schema and statements of over a second are logged, never their parameters, which are rows.
PARAMETERS = {
    "rds.force_ssl": "1",
    "log_statement": "ddl",
    "log_min_duration_statement": "1000",
    "log_parameter_max_length": "0",
}
LOG = "postgresql"


@dataclass(frozen=True)
class Lakebase:
    """`group`: the id of its security group, which the jobs' group may pass."""

    cluster: Any
    group: str


def lakebase(stack: PlatformStack, keys: Keys, network: Network) -> Lakebase:
    env = stack.env
    facts, name = env.stack.lakebase, names.lakebase(env)
    where = DbSubnetGroup(stack, "subnets_lakebase", name=name, subnet_ids=list(network.subnet_ids))
    made = group(stack, "lakebase", "Lakebase", network.vpc_id)
    let_in(
        stack, "lakebase", made, Peer("jobs", group=network.jobs_group), PORT, "Jobs that write the Lakebase"
    )
    let_out(stack, "jobs", network.jobs_group, Peer("lakebase", group=made), PORT, "Lakebase")
    log = CloudwatchLogGroup(
        stack, "log_group_lakebase", name=f"/aws/rds/cluster/{name}/{LOG}", retention_in_days=env.stack.retention.log_days,
        kms_key_id=keys.platform.arn,
    )  # fmt: skip
    cluster = RdsCluster(
        stack, "lakebase", cluster_identifier=name, engine=ENGINE, engine_mode="provisioned", engine_version=facts.engine_version,
        database_name=DATABASE, master_username="lakebase_admin",
        # RDS makes and rotates the password in Secrets Manager: no value is in the stack or its state.
        manage_master_user_password=True, master_user_secret_kms_key_id=keys.secrets.key_id, iam_database_authentication_enabled=True,
        db_subnet_group_name=where.name, vpc_security_group_ids=[made], db_cluster_parameter_group_name=_parameters(stack).name,
        storage_encrypted=True, kms_key_id=keys.curated.arn, copy_tags_to_snapshot=True, backup_retention_period=env.stack.recovery.backup_days,
        preferred_backup_window="01:00-02:00", preferred_maintenance_window="sun:11:00-sun:12:00",
        deletion_protection=env.stack.protect, skip_final_snapshot=not env.stack.protect,
        final_snapshot_identifier=f"{name}-final" if env.stack.protect else None, delete_automated_backups=not env.stack.protect,
        enabled_cloudwatch_logs_exports=[LOG], lifecycle=stack.keep, depends_on=[log],
        serverlessv2_scaling_configuration={"min_capacity": facts.min_capacity, "max_capacity": facts.max_capacity},
    )  # fmt: skip
    monitor = _monitor(stack)
    for number in range(1, facts.instances + 1):
        _instance(stack, keys, cluster, monitor, number)
    return Lakebase(cluster, made)


def _instance(stack: PlatformStack, keys: Keys, cluster: Any, monitor: Any, number: int) -> None:
    RdsClusterInstance(
        stack, f"lakebase_{number}", identifier=f"{names.lakebase(stack.env)}-{number}", cluster_identifier=cluster.id, engine=ENGINE,
        engine_version=stack.env.stack.lakebase.engine_version, instance_class="db.serverless", publicly_accessible=False,
        auto_minor_version_upgrade=True, copy_tags_to_snapshot=True, promotion_tier=1, performance_insights_enabled=True,
        performance_insights_kms_key_id=keys.curated.arn, performance_insights_retention_period=7, monitoring_interval=60,
        monitoring_role_arn=monitor.arn,
    )  # fmt: skip


def _parameters(stack: PlatformStack) -> Any:
    version = stack.env.stack.lakebase.engine_version.split(".")[0]
    parameters = [
        RdsClusterParameterGroupParameter(name=name, value=value) for name, value in PARAMETERS.items()
    ]
    name = f"{names.lakebase(stack.env)}-{version}"
    return RdsClusterParameterGroup(
        stack, "parameters_lakebase", name=name, family=f"{ENGINE}{version}", parameter=parameters
    )


def _monitor(stack: PlatformStack) -> Any:
    # The agent's log group is one for all databases of the account.
    group = f"arn:aws:logs:{stack.env.region}:{stack.env.account}:log-group:RDSOSMetrics"
    write = {
        "MakeLogGroup": {"Action": ["logs:CreateLogGroup", "logs:PutRetentionPolicy"], "Resource": group},
        "WriteLog": {
            "Action": [
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "logs:DescribeLogStreams",
                "logs:GetLogEvents",
            ],
            "Resource": f"{group}:log-stream:*",
        },
    }
    return service_role(stack, "lakebase_monitor", "monitoring.rds.amazonaws.com", write)
