"""A security group, and what may pass it: each rule is a resource of its own, so that a change of one touches no other."""

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
    """The other side of a rule: a group, a network, or the addresses of a service behind a gateway. `to` names it in the rule's id."""

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
    """The id of a group that lets nothing pass yet."""
    tags = {"Name": names.group(stack.env, name)}
    made = SecurityGroup(
        stack,
        f"group_{name}",
        name=names.group(stack.env, name),
        description=purpose,
        vpc_id=vpc_id,
        tags=tags,
    )
    identifier: str = made.id
    return identifier


def let_in(stack: PlatformStack, name: str, of: str, peer: Peer, port: int | None, what: str) -> None:
    """Into the group with the id `of`; without a port, everything."""
    VpcSecurityGroupIngressRule(
        stack, f"ingress_{name}_{peer.to}_{port or 'all'}", **_rule(of, peer, port, what)
    )


def let_out(stack: PlatformStack, name: str, of: str, peer: Peer, port: int | None, what: str) -> None:
    VpcSecurityGroupEgressRule(
        stack, f"egress_{name}_{peer.to}_{port or 'all'}", **_rule(of, peer, port, what)
    )


def _rule(of: str, peer: Peer, port: int | None, what: str) -> dict[str, Any]:
    ports = (
        {"ip_protocol": "-1"} if port is None else {"ip_protocol": "tcp", "from_port": port, "to_port": port}
    )
    return {"security_group_id": of, "description": what, **ports, **peer.arguments()}
