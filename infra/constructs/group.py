"""A security group and its rules.

Each rule is a resource of its own, so that changing one touches no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from infra.platform_stack import PlatformStack
from lakehouse.environments import names

HTTPS = 443


@dataclass(frozen=True)
class Peer:
    """The other side of a rule: a group, a network, or the addresses of a service behind a gateway.

    `to` names it in the Terraform name of the rule.
    """

    to: str
    group: str | None = None
    cidr: str | None = None
    prefix_list: str | None = None

    def arguments(self) -> dict[str, str | None]:
        return {
            "referenced_security_group_id": self.group,
            "cidr_ipv4": self.cidr,
            "prefix_list_id": self.prefix_list,
        }


def group(stack: PlatformStack, name: str, purpose: str, vpc_id: str) -> str:
    """Makes a security group without rules, which lets nothing pass. Answers its id."""
    physical_name = names.group(stack.env, name)
    resource = SecurityGroup(
        stack,
        f"group_{name}",
        name=physical_name,
        description=purpose,
        vpc_id=vpc_id,
        tags={"Name": physical_name},
    )
    group_id: str = resource.id
    return group_id


def let_in(
    stack: PlatformStack, name: str, group_id: str, peer: Peer, port: int | None, purpose: str
) -> VpcSecurityGroupIngressRule:
    """Lets `peer` reach the group on a TCP port; on every port and protocol when `port` is None."""
    rule = _rule(group_id, peer, port, purpose)
    return VpcSecurityGroupIngressRule(stack, f"ingress_{name}_{peer.to}_{port or 'all'}", **rule)


def let_out(
    stack: PlatformStack, name: str, group_id: str, peer: Peer, port: int | None, purpose: str
) -> VpcSecurityGroupEgressRule:
    """Lets the group reach `peer` on a TCP port; on every port and protocol when `port` is None."""
    rule = _rule(group_id, peer, port, purpose)
    return VpcSecurityGroupEgressRule(stack, f"egress_{name}_{peer.to}_{port or 'all'}", **rule)


def _rule(group_id: str, peer: Peer, port: int | None, purpose: str) -> dict[str, Any]:
    ports: dict[str, Any] = {"ip_protocol": "-1"}
    if port is not None:
        ports = {"ip_protocol": "tcp", "from_port": port, "to_port": port}
    return {"security_group_id": group_id, "description": purpose, **ports, **peer.arguments()}
