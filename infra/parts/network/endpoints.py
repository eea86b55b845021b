"""VPC endpoints of AWS services: the only ways out of the subnets, for this account's principals alone."""

from __future__ import annotations

import json
from typing import Any

from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint

from infra.constructs.group import HTTPS, Peer, group, let_in
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.model import Environment

GATEWAYS = ("s3", "dynamodb")
INTERFACES = (
    "glue",
    "secretsmanager",
    "monitoring",
    "logs",
    "sts",
    "kms",
    "sns",
    "athena",
    "lakeformation",
)
# Those that MWAA's guide to private routing adds; it creates the endpoints of its database and web server
# itself.
OF_AIRFLOW = ("sqs", "airflow.api", "airflow.env", "ecr.api", "ecr.dkr")


def endpoints(
    stack: PlatformStack, vpc_id: str, subnet_ids: tuple[str, str], routes: str
) -> dict[str, VpcEndpoint]:
    """Creates all endpoints: service → endpoint."""
    members = group(stack, "endpoints", "Interface endpoints of AWS services", vpc_id)
    vpc = Peer("vpc", cidr=stack.env.stack.network.cidr)
    let_in(stack, "endpoints", members, vpc, HTTPS, "Whatever runs in the VPC")
    interface: dict[str, Any] = {
        "vpc_endpoint_type": "Interface",
        "subnet_ids": list(subnet_ids[: stack.env.stack.network.endpoint_zones]),
        "security_group_ids": [members],
        "private_dns_enabled": True,
    }
    gateway: dict[str, Any] = {"vpc_endpoint_type": "Gateway", "route_table_ids": [routes]}
    interfaces = (*INTERFACES, *(OF_AIRFLOW if stack.env.stack.orchestrator == "mwaa" else ()))
    kinds = {**dict.fromkeys(interfaces, interface), **dict.fromkeys(GATEWAYS, gateway)}
    return {service: _endpoint(stack, service, vpc_id, kind) for service, kind in kinds.items()}


def _endpoint(stack: PlatformStack, service: str, vpc_id: str, kind: dict[str, Any]) -> VpcEndpoint:
    env = stack.env
    return VpcEndpoint(
        stack,
        f"endpoint_{service.replace('.', '_')}",
        vpc_id=vpc_id,
        service_name=f"com.amazonaws.{env.region}.{service}",
        policy=json.dumps(_policy(env, service)),
        tags={"Name": names.group(env, service)},
        **kind,
    )


def _policy(env: Environment, service: str) -> dict[str, Any]:
    """Allows this account's principals only: foreign credentials cannot carry data out."""
    account = {
        "Sid": "AnyActionOfThisAccount",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": env.account}},
    }
    # MWAA and Glue fetch the layers of their images by links that an AWS account has signed.
    layers = {
        "Sid": "ImageLayers",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::prod-{env.region}-starport-layer-bucket/*",
    }
    return {"Version": "2012-10-17", "Statement": [account, layers] if service == "s3" else [account]}
