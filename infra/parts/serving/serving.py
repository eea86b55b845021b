"""Where gold is read: Athena over the zones, PostgreSQL for applications, and a stream if the facts want one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.msk_serverless_cluster import (
    MskServerlessCluster,
    MskServerlessClusterVpcConfig,
)

from infra.constructs.group import Peer, group, let_in, let_out
from infra.constructs.workgroup import WorkgroupSpec, workgroup
from infra.parts.network.network import Network
from infra.parts.serving.lakebase import Lakebase, lakebase
from infra.parts.storage.keys import Keys
from infra.parts.storage.zones import Storage
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Zone

KAFKA_BY_IAM = 9098


@dataclass(frozen=True)
class Serving:
    """`stream` is None where the facts want no MSK."""

    workgroup: Any
    lakebase: Lakebase
    stream: Any


def add_serving(stack: PlatformStack, keys: Keys, network: Network, storage: Storage) -> Serving:
    stream = _stream(stack, network) if stack.env.stack.msk_serverless else None
    return Serving(_workgroup(stack, keys, storage), lakebase(stack, keys, network), stream)


def _workgroup(stack: PlatformStack, keys: Keys, storage: Storage) -> Any:
    """Of the platform and its applications; each role of people has one of its own."""
    env = stack.env
    return workgroup(stack, WorkgroupSpec(
        place="workgroup", name=names.workgroup(env), purpose=f"Queries of {env.project} {env.name}", results="results/", key=keys.platform,
        after=storage.zones[Zone.ATHENA].policy,
    ))  # fmt: skip


def _stream(stack: PlatformStack, network: Network) -> Any:
    """MSK Serverless: encrypted and in both zones by itself; IAM is the only way in."""
    made = group(stack, "stream", "Brokers of the stream", network.vpc_id)
    let_in(
        stack,
        "stream",
        made,
        Peer("jobs", group=network.jobs_group),
        KAFKA_BY_IAM,
        "Jobs that read and write the stream",
    )
    let_out(
        stack, "jobs", network.jobs_group, Peer("stream", group=made), KAFKA_BY_IAM, "Brokers of the stream"
    )
    where = MskServerlessClusterVpcConfig(subnet_ids=list(network.subnet_ids), security_group_ids=[made])
    by_iam = {"sasl": {"iam": {"enabled": True}}}
    return MskServerlessCluster(
        stack,
        "stream",
        cluster_name=names.stream(stack.env),
        client_authentication=by_iam,
        vpc_config=[where],
    )
