"""Where jobs and Airflow run: two private subnets whose only ways out are endpoints of AWS services."""

from __future__ import annotations

from dataclasses import dataclass

from infra.constructs.group import HTTPS, Peer, group, let_in, let_out
from infra.parts.network.vpc import Vpc, named_vpc, own_vpc
from infra.parts.storage.keys import Keys
from infra.platform_stack import PlatformStack


@dataclass(frozen=True)
class Network:
    """Ids. `jobs_group` is of Glue's workers; what they may connect to lets it in and itself adds the way out."""

    vpc_id: str
    subnet_ids: tuple[str, str]
    jobs_group: str
    airflow_group: str
    availability_zones: tuple[str, str]


def add_network(stack: PlatformStack, keys: Keys) -> Network:
    """A VPC of the platform's own, or groups in the one that the facts name."""
    vpc = named_vpc(stack) if stack.env.stack.network.vpc_id else own_vpc(stack, keys)
    jobs = _jobs(stack, vpc)
    airflow = _airflow(stack, vpc)
    region = stack.env.region
    return Network(vpc.id, vpc.subnet_ids, jobs, airflow, (f"{region}a", f"{region}b"))


def _jobs(stack: PlatformStack, vpc: Vpc) -> str:
    made = group(stack, "jobs", "Workers of Glue jobs", vpc.id)
    # Glue refuses a connection whose group does not let its own members in on every TCP port.
    among = Peer("jobs", group=made)
    let_in(stack, "jobs", made, among, None, "Workers of one job among themselves")
    let_out(stack, "jobs", made, among, None, "Workers of one job among themselves")
    _services(stack, "jobs", made, vpc)
    for reach in stack.env.stack.network.reaches:
        let_out(
            stack,
            "jobs",
            made,
            Peer(reach.what, cidr=reach.cidr),
            reach.port,
            f"Source or target {reach.what}",
        )
    return made


def _airflow(stack: PlatformStack, vpc: Vpc) -> str:
    made = group(stack, "airflow", "Airflow", vpc.id)
    among = Peer("airflow", group=made)
    # MWAA demands both of its group: the metadata database and the web server are reached through it.
    for port, what in {HTTPS: "Web server of Airflow", 5432: "Metadata database of Airflow"}.items():
        let_in(stack, "airflow", made, among, port, what)
        let_out(stack, "airflow", made, among, port, what)
    for number, cidr in enumerate(stack.env.stack.network.people):
        let_in(stack, "airflow", made, Peer(f"people_{number}", cidr=cidr), HTTPS, "People who open Airflow")
    _services(stack, "airflow", made, vpc)
    return made


def _services(stack: PlatformStack, name: str, made: str, vpc: Vpc) -> None:
    """The ways to AWS: interface endpoints have addresses of the VPC, gateways have lists of their own."""
    let_out(
        stack,
        name,
        made,
        Peer("endpoints", cidr=stack.env.stack.network.cidr),
        HTTPS,
        "Endpoints of AWS services",
    )
    for service, prefix_list in vpc.prefix_lists.items():
        let_out(stack, name, made, Peer(service, prefix_list=prefix_list), HTTPS, f"Gateway of {service}")
