"""The network of jobs and Airflow: two private subnets, and a security group for each of them."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import TerraformResource

from infra.constructs.group import HTTPS, Peer, group, let_in, let_out
from infra.parts.encryption.keys import Keys
from infra.parts.network.vpc import Vpc, existing_vpc, own_vpc
from infra.platform_stack import PlatformStack

POSTGRES = 5432


@dataclass(frozen=True)
class Network:
    """Ids. `jobs_group` is the group of Glue's workers.

    A part that jobs connect to lets this group in, and adds the way out to it. `airflow_ways`: the rules and
    endpoints by which Airflow reaches AWS, which must be there before it; its group is empty without Airflow.
    """

    vpc_id: str
    subnet_ids: tuple[str, str]
    jobs_group: str
    airflow_group: str
    availability_zones: tuple[str, str]
    airflow_ways: tuple[TerraformResource, ...]


def add_network(stack: PlatformStack, keys: Keys) -> Network:
    """Creates a VPC, or only security groups in the VPC that the environment names."""
    vpc = existing_vpc(stack) if stack.env.stack.network.vpc_id else own_vpc(stack, keys)
    jobs = _jobs_group(stack, vpc)
    airflow, rules = _airflow_group(stack, vpc) if stack.env.stack.orchestrator == "mwaa" else ("", [])
    region = stack.env.region
    zones = f"{region}a", f"{region}b"
    return Network(vpc.id, vpc.subnet_ids, jobs, airflow, zones, (*rules, *vpc.endpoints))


def _jobs_group(stack: PlatformStack, vpc: Vpc) -> str:
    members = group(stack, "jobs", "Workers of Glue jobs", vpc.id)
    # Glue refuses a connection whose group does not let in its own members on every TCP port.
    workers = Peer("jobs", group=members)
    let_in(stack, "jobs", members, workers, None, "Workers of one job among themselves")
    let_out(stack, "jobs", members, workers, None, "Workers of one job among themselves")
    _aws_services(stack, "jobs", members, vpc)
    for reach in stack.env.stack.network.reaches:
        system = Peer(reach.what, cidr=reach.cidr)
        let_out(stack, "jobs", members, system, reach.port, f"Source or target {reach.what}")
    return members


def _airflow_group(stack: PlatformStack, vpc: Vpc) -> tuple[str, list[TerraformResource]]:
    """The group, and its rules."""
    rules: list[TerraformResource] = []
    members = group(stack, "airflow", "Airflow", vpc.id)
    itself = Peer("airflow", group=members)
    # MWAA reaches its metadata database and its web server through the group.
    for port, purpose in {HTTPS: "Web server of Airflow", POSTGRES: "Metadata database of Airflow"}.items():
        rules.append(let_in(stack, "airflow", members, itself, port, purpose))
        rules.append(let_out(stack, "airflow", members, itself, port, purpose))
    for number, cidr in enumerate(stack.env.stack.network.people):
        people = Peer(f"people_{number}", cidr=cidr)
        let_in(stack, "airflow", members, people, HTTPS, "People who open Airflow")
    return members, [*rules, *_aws_services(stack, "airflow", members, vpc)]


def _aws_services(stack: PlatformStack, name: str, members: str, vpc: Vpc) -> list[TerraformResource]:
    """Lets a group out to AWS: interface endpoints have addresses of the VPC, gateways have prefix lists."""
    interfaces = Peer("endpoints", cidr=stack.env.stack.network.cidr)
    rules: list[TerraformResource] = [
        let_out(stack, name, members, interfaces, HTTPS, "Endpoints of AWS services")
    ]
    for service, prefix_list in vpc.prefix_lists.items():
        gateway = Peer(service, prefix_list=prefix_list)
        rules.append(let_out(stack, name, members, gateway, HTTPS, f"Gateway of {service}"))
    return rules
