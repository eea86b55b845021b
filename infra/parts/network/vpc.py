"""The VPC: ours with its subnets, routes, endpoints and flow logs, or one that exists."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.data_aws_ec2_managed_prefix_list import DataAwsEc2ManagedPrefixList
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc as AwsVpc

from infra.constructs.role import service_role
from infra.parts.network.endpoints import GATEWAYS, endpoints
from infra.parts.storage.keys import Keys
from infra.platform_stack import PlatformStack
from lakehouse.environments import names


@dataclass(frozen=True)
class Vpc:
    """`prefix_lists`: ids of the address lists of s3 and dynamodb, which a group must let out to."""

    id: str
    subnet_ids: tuple[str, str]
    prefix_lists: dict[str, str]


def named_vpc(stack: PlatformStack) -> Vpc:
    """The VPC of the facts. Its subnets, routes, endpoints and flow logs are its owner's; docs/guides/network.md lists what it must have."""
    own = stack.env.stack.network
    first, second = own.subnet_ids
    lists = {
        name: DataAwsEc2ManagedPrefixList(
            stack, f"prefix_list_{name}", name=f"com.amazonaws.{stack.env.region}.{name}"
        ).id
        for name in GATEWAYS
    }
    return Vpc(str(own.vpc_id), (first, second), lists)


def own_vpc(stack: PlatformStack, keys: Keys) -> Vpc:
    env = stack.env
    cidr = env.stack.network.cidr
    vpc = AwsVpc(
        stack,
        "vpc",
        cidr_block=cidr,
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags=_named(stack, "vpc"),
    )
    DefaultSecurityGroup(stack, "group_default", vpc_id=vpc.id, tags=_named(stack, "closed"))
    routes = RouteTable(stack, "routes", vpc_id=vpc.id, tags=_named(stack, "private"))
    # A half of the addresses stays free.
    first, second, *_ = ip_network(cidr).subnets(prefixlen_diff=2)
    subnets = (_subnet(stack, vpc, "a", str(first), routes), _subnet(stack, vpc, "b", str(second), routes))
    _flow_logs(stack, keys, vpc)
    return Vpc(vpc.id, subnets, endpoints(stack, vpc.id, subnets, routes.id))


def _subnet(stack: PlatformStack, vpc: Any, zone: str, cidr: str, routes: Any) -> str:
    tags = _named(stack, f"private-{zone}")
    subnet = Subnet(
        stack, f"subnet_{zone}", vpc_id=vpc.id, availability_zone=f"{stack.env.region}{zone}", cidr_block=cidr, map_public_ip_on_launch=False,
        tags=tags,
    )  # fmt: skip
    RouteTableAssociation(stack, f"routes_{zone}", subnet_id=subnet.id, route_table_id=routes.id)
    made: str = subnet.id
    return made


def _flow_logs(stack: PlatformStack, keys: Keys, vpc: Any) -> None:
    env = stack.env
    name = names.log_group(env, "flow")
    log = CloudwatchLogGroup(
        stack,
        "log_group_flow",
        name=name,
        retention_in_days=env.stack.retention.log_days,
        kms_key_id=keys.platform.arn,
    )
    arn = f"arn:aws:logs:{env.region}:{env.account}:log-group:{name}"
    write = {
        "Action": [
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "logs:DescribeLogStreams",
            "logs:DescribeLogGroups",
        ],
        "Resource": [arn, f"{arn}:*"],
    }
    role = service_role(stack, "flow_logs", "vpc-flow-logs.amazonaws.com", {"WriteFlowLogs": write})
    FlowLog(
        stack, "flow_log", vpc_id=vpc.id, traffic_type="ALL", iam_role_arn=role.arn, log_destination=log.arn, max_aggregation_interval=600,
        tags=_named(stack, "flow"),
    )  # fmt: skip


def _named(stack: PlatformStack, what: str) -> dict[str, str]:
    return {"Name": names.group(stack.env, what)}
