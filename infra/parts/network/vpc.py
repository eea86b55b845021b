"""The VPC: the platform's own with subnets, routes, endpoints and flow logs, or one that exists."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.data_aws_ec2_managed_prefix_list import DataAwsEc2ManagedPrefixList
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc as AwsVpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint

from infra.constructs.role import Statements, service_role
from infra.parts.encryption.keys import Keys
from infra.parts.network.endpoints import GATEWAYS, endpoints
from infra.platform_stack import PlatformStack
from lakehouse.environments import names


@dataclass(frozen=True)
class Vpc:
    """Ids. `prefix_lists`: the addresses of s3 and dynamodb, to which a group must be let out.

    `endpoints` are the stack's own; those of a VPC that exists are its owner's.
    """

    id: str
    subnet_ids: tuple[str, str]
    prefix_lists: dict[str, str]
    endpoints: tuple[VpcEndpoint, ...] = ()


def existing_vpc(stack: PlatformStack) -> Vpc:
    """The VPC that the environment names. docs/guides/network.md lists what its owner must provide."""
    declared = stack.env.stack.network
    first, second = declared.subnet_ids
    prefix_lists = {}
    for service in GATEWAYS:
        name = f"com.amazonaws.{stack.env.region}.{service}"
        prefix_lists[service] = DataAwsEc2ManagedPrefixList(stack, f"prefix_list_{service}", name=name).id
    return Vpc(str(declared.vpc_id), (first, second), prefix_lists)


def own_vpc(stack: PlatformStack, keys: Keys) -> Vpc:
    """A VPC with two private subnets. Half of its addresses stays free."""
    cidr = stack.env.stack.network.cidr
    vpc = AwsVpc(
        stack,
        "vpc",
        cidr_block=cidr,
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags=_name_tag(stack, "vpc"),
    )
    DefaultSecurityGroup(stack, "group_default", vpc_id=vpc.id, tags=_name_tag(stack, "closed"))
    routes = RouteTable(stack, "routes", vpc_id=vpc.id, tags=_name_tag(stack, "private"))
    first, second, *_ = ip_network(cidr).subnets(prefixlen_diff=2)
    subnets = (_subnet(stack, vpc, "a", str(first), routes), _subnet(stack, vpc, "b", str(second), routes))
    _flow_logs(stack, keys, vpc)
    services = endpoints(stack, vpc.id, subnets, routes.id)
    prefix_lists = {service: services[service].prefix_list_id for service in GATEWAYS}
    return Vpc(vpc.id, subnets, prefix_lists, tuple(services.values()))


def _subnet(stack: PlatformStack, vpc: AwsVpc, zone: str, cidr: str, routes: RouteTable) -> str:
    subnet = Subnet(
        stack,
        f"subnet_{zone}",
        vpc_id=vpc.id,
        availability_zone=f"{stack.env.region}{zone}",
        cidr_block=cidr,
        map_public_ip_on_launch=False,
        tags=_name_tag(stack, f"private-{zone}"),
    )
    RouteTableAssociation(stack, f"routes_{zone}", subnet_id=subnet.id, route_table_id=routes.id)
    return str(subnet.id)


def _flow_logs(stack: PlatformStack, keys: Keys, vpc: AwsVpc) -> None:
    env = stack.env
    name = names.log_group(env, "flow")
    log_group = CloudwatchLogGroup(
        stack,
        "log_group_flow",
        name=name,
        retention_in_days=env.stack.retention.log_days,
        kms_key_id=keys.platform.arn,
    )
    arn = f"arn:aws:logs:{env.region}:{env.account}:log-group:{name}"
    actions = ["CreateLogStream", "PutLogEvents", "DescribeLogStreams"]
    write = {"Action": [f"logs:{action}" for action in actions], "Resource": [arn, f"{arn}:*"]}
    # This action takes no resource.
    see = {"Action": "logs:DescribeLogGroups", "Resource": "*"}
    statements: Statements = {"WriteFlowLogs": write, "AnyLogGroupIsListed": see}
    role = service_role(stack, "flow_logs", "vpc-flow-logs.amazonaws.com", statements)
    FlowLog(
        stack,
        "flow_log",
        vpc_id=vpc.id,
        traffic_type="ALL",
        iam_role_arn=role.arn,
        log_destination=log_group.arn,
        max_aggregation_interval=600,
        tags=_name_tag(stack, "flow"),
        depends_on=[*role.policies],
    )


def _name_tag(stack: PlatformStack, name: str) -> dict[str, str]:
    return {"Name": names.group(stack.env, name)}
