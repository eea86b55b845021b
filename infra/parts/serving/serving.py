"""The engines that read gold: Athena, the Lakebase for applications, and optionally a Kafka stream."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.athena_workgroup import AthenaWorkgroup
from cdktf_cdktf_provider_aws.msk_serverless_cluster import (
    MskServerlessCluster,
    MskServerlessClusterVpcConfig,
)

from infra.constructs.group import Peer, group, let_in, let_out
from infra.constructs.workgroup import WorkgroupSpec, workgroup
from infra.parts.encryption.keys import Keys
from infra.parts.network.network import Network
from infra.parts.serving.lakebase import Lakebase, lakebase
from infra.parts.serving.warehouse_roles import warehouse_roles
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone

KAFKA_BY_IAM = 9098


@dataclass(frozen=True)
class Serving:
    """`stream` is None in an environment without MSK."""

    workgroup: AthenaWorkgroup
    lakebase: Lakebase
    stream: MskServerlessCluster | None


def add_serving(stack: PlatformStack, keys: Keys, network: Network, storage: Storage) -> Serving:
    """Athena's workgroup, the Lakebase, and MSK where the environment declares it."""
    stream = _stream(stack, network) if stack.env.stack.msk_serverless else None
    warehouse_roles(stack, keys)
    return Serving(_workgroup(stack, keys, storage), lakebase(stack, keys, network), stream)


def _workgroup(stack: PlatformStack, keys: Keys, storage: Storage) -> AthenaWorkgroup:
    """The workgroup of the platform and its applications. Each role of people has one of its own."""
    env = stack.env
    spec = WorkgroupSpec(
        construct_id="workgroup",
        name=names.workgroup(env),
        purpose=f"Queries of {env.project} {env.name}",
        results="results/",
        key=keys.platform,
        after=storage.zones[Zone.ATHENA].policy,
    )
    return workgroup(stack, spec)


def _stream(stack: PlatformStack, network: Network) -> MskServerlessCluster:
    """MSK Serverless, which is encrypted and spans both subnets. Clients authenticate by IAM only."""
    members = group(stack, "stream", "Brokers of the stream", network.vpc_id)
    jobs, brokers = Peer("jobs", group=network.jobs_group), Peer("stream", group=members)
    let_in(stack, "stream", members, jobs, KAFKA_BY_IAM, "Jobs that read and write the stream")
    let_out(stack, "jobs", network.jobs_group, brokers, KAFKA_BY_IAM, "Brokers of the stream")
    subnets = MskServerlessClusterVpcConfig(subnet_ids=list(network.subnet_ids), security_group_ids=[members])
    return MskServerlessCluster(
        stack,
        "stream",
        cluster_name=names.stream(stack.env),
        client_authentication={"sasl": {"iam": {"enabled": True}}},
        vpc_config=[subnets],
    )
