"""The only ways out of the subnets: endpoints of AWS services, for this account's principals alone."""

from __future__ import annotations

import json
from typing import Any

from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint

from infra.constructs.group import HTTPS, Peer, group, let_in
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.model import Environment

GATEWAYS = ("s3", "dynamodb")
# The last two are MWAA's own; it makes those of its database and web server itself.
INTERFACES = (
    "glue",
    "secretsmanager",
    "monitoring",
    "logs",
    "sts",
    "kms",
    "sns",
    "sqs",
    "athena",
    "lakeformation",
    "airflow.api",
    "airflow.env",
)


def endpoints(stack: PlatformStack, vpc_id: str, subnet_ids: tuple[str, str], routes: str) -> dict[str, str]:
    """Makes them; gives the ids of the gateways' address lists."""
    env = stack.env
    made = group(stack, "endpoints", "Interface endpoints of AWS services", vpc_id)
    let_in(
        stack, "endpoints", made, Peer("vpc", cidr=env.stack.network.cidr), HTTPS, "Whatever runs in the VPC"
    )
    for service in INTERFACES:
        where = {"subnet_ids": list(subnet_ids), "security_group_ids": [made], "private_dns_enabled": True}
        _endpoint(stack, service, vpc_id, {"vpc_endpoint_type": "Interface", **where})
    where = {"vpc_endpoint_type": "Gateway", "route_table_ids": [routes]}
    return {service: _endpoint(stack, service, vpc_id, where).prefix_list_id for service in GATEWAYS}


def _endpoint(stack: PlatformStack, service: str, vpc_id: str, where: dict[str, Any]) -> Any:
    env = stack.env
    place = service.replace(".", "_")
    return VpcEndpoint(
        stack, f"endpoint_{place}", vpc_id=vpc_id, service_name=f"com.amazonaws.{env.region}.{service}", policy=json.dumps(_policy(env, service)),
        tags={"Name": names.group(env, service)}, **where,
    )  # fmt: skip


def _policy(env: Environment, service: str) -> dict[str, Any]:
    """What leaves through an endpoint leaves as this account: credentials of another one, brought along to carry data away, are refused."""
    own = {
        "Sid": "AnyActionOfThisAccount", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": env.account}},
    }  # fmt: skip
    # The layers of MWAA's and Glue's images are fetched by links that AWS's own account has signed.
    layers = {
        "Sid": "ImageLayers", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::prod-{env.region}-starport-layer-bucket/*",
    }  # fmt: skip
    return {"Version": "2012-10-17", "Statement": [own, layers] if service == "s3" else [own]}
