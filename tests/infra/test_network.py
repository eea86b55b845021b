"""Jobs and Airflow reach AWS, and nothing else reaches them or is reached."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from typing import Any

import pytest
import yaml

from lakehouse.project import Project
from tests.infra.job_parts import copied
from tests.infra.synthesis import document, whole_stack

NAMES = tuple(Project.find().settings.environments)


@pytest.fixture(scope="module")
def in_named_vpc(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The stack of dev where the facts name a VPC that exists."""
    root = copied(tmp_path_factory.mktemp("named"))
    file = root / "environments" / "dev.yml"
    facts = yaml.safe_load(file.read_text())
    network = {
        "cidr": "10.9.0.0/16",
        "vpc_id": "vpc-0a1",
        "subnet_ids": ["subnet-0a", "subnet-0b"],
        "people": ["10.8.0.0/16"],
        "reaches": [
            {"what": "snowflake", "cidr": "10.7.1.0/24", "port": 443},
            {"what": "redshift", "cidr": "10.7.2.0/24", "port": 5439},
            {"what": "kafka", "cidr": "10.7.3.0/24", "port": 9096},
        ],
    }
    facts["stack"] = {**facts.get("stack", {}), "network": network}
    file.write_text(yaml.safe_dump(facts))
    return document(whole_stack("dev", root))


@pytest.mark.parametrize("env", NAMES)
def test_nothing_has_a_route_to_the_internet(synthesized: Any, env: str) -> None:
    resources = synthesized(env)["resource"]
    ways_out = {
        "aws_internet_gateway",
        "aws_nat_gateway",
        "aws_eip",
        "aws_route",
        "aws_egress_only_internet_gateway",
        "aws_vpn_gateway",
    }
    assert not ways_out & set(resources)
    assert all("route" not in table for table in resources["aws_route_table"].values())
    assert not any(subnet.get("map_public_ip_on_launch") for subnet in resources["aws_subnet"].values())
    for kind in ("egress", "ingress"):
        rules = resources[f"aws_vpc_security_group_{kind}_rule"].values()
        assert not [r for r in rules if r.get("cidr_ipv4") == "0.0.0.0/0" or "cidr_ipv6" in r]
        everything = [r for r in rules if r["ip_protocol"] == "-1"]
        assert all(r["security_group_id"] == r["referenced_security_group_id"] for r in everything)
        assert all(r["description"] for r in rules)


def test_two_subnets_lie_in_two_zones_of_the_region_and_leave_addresses_free(synthesized: Any) -> None:
    for env in NAMES:
        resources = synthesized(env)["resource"]
        first, second = (resources["aws_subnet"][f"subnet_{zone}"] for zone in "ab")
        region = synthesized(env)["provider"]["aws"][0]["region"]
        assert (first["availability_zone"], second["availability_zone"]) == (f"{region}a", f"{region}b")
        whole = IPv4Network(resources["aws_vpc"]["vpc"]["cidr_block"])
        parts = [IPv4Network(s["cidr_block"]) for s in (first, second)]
        assert all(part.subnet_of(whole) for part in parts)
        assert not parts[0].overlaps(parts[1])
        assert sum(part.num_addresses for part in parts) <= whole.num_addresses / 2


def test_each_service_that_the_platform_calls_has_an_endpoint_under_its_own_name(synthesized: Any) -> None:
    endpoints = synthesized("prod")["resource"]["aws_vpc_endpoint"].values()
    by_service = {e["service_name"].removeprefix("com.amazonaws.eu-central-1."): e for e in endpoints}
    gateways = {name for name, e in by_service.items() if e["vpc_endpoint_type"] == "Gateway"}
    assert gateways == {"s3", "dynamodb"}
    needed = {
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
        # https://docs.aws.amazon.com/mwaa/latest/userguide/vpc-vpe-create-access.html
        "ecr.api",
        "ecr.dkr",
    }
    assert set(by_service) - gateways == needed
    for name in needed:
        assert by_service[name]["private_dns_enabled"] is True, name
        assert len(by_service[name]["subnet_ids"]) == 2, name


def test_an_endpoint_serves_principals_of_this_account_alone(synthesized: Any) -> None:
    for name, endpoint in synthesized("prod")["resource"]["aws_vpc_endpoint"].items():
        for statement in json.loads(endpoint["policy"])["Statement"]:
            if statement["Sid"] == "ImageLayers":
                assert (name, statement["Action"]) == ("endpoint_s3", "s3:GetObject")
            else:
                assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "000000000003"}}, (
                    name
                )


def test_the_default_group_of_the_vpc_lets_nothing_pass(synthesized: Any) -> None:
    group = synthesized("prod")["resource"]["aws_default_security_group"]["group_default"]
    assert not {"ingress", "egress"} & set(group)


def test_workers_of_a_glue_job_reach_one_another_on_every_port_as_glue_demands(synthesized: Any) -> None:
    resources = synthesized("prod")["resource"]
    for kind in ("egress", "ingress"):
        rule = resources[f"aws_vpc_security_group_{kind}_rule"][f"{kind}_jobs_jobs_all"]
        assert (
            rule["security_group_id"]
            == rule["referenced_security_group_id"]
            == "${aws_security_group.group_jobs.id}"
        )
        assert rule["ip_protocol"] == "-1"


def test_what_flows_is_logged_encrypted_and_not_for_ever(synthesized: Any) -> None:
    resources = synthesized("prod")["resource"]
    assert resources["aws_flow_log"]["flow_log"]["traffic_type"] == "ALL"
    log = resources["aws_cloudwatch_log_group"]["log_group_flow"]
    assert log["retention_in_days"] == 365
    assert log["kms_key_id"] == "${aws_kms_key.key_platform.arn}"


def test_in_a_vpc_that_exists_only_groups_are_made(in_named_vpc: dict[str, Any]) -> None:
    resources = in_named_vpc["resource"]
    rule_types = {
        kind
        for kind in resources
        if kind.startswith(("aws_vpc", "aws_subnet", "aws_route", "aws_flow", "aws_default"))
    }
    assert rule_types == {"aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"}
    assert {g["vpc_id"] for g in resources["aws_security_group"].values()} == {"vpc-0a1"}
    out = resources["aws_vpc_security_group_egress_rule"]
    assert out["egress_jobs_endpoints_443"]["cidr_ipv4"] == "10.9.0.0/16"
    assert (
        out["egress_jobs_s3_443"]["prefix_list_id"] == "${data.aws_ec2_managed_prefix_list.prefix_list_s3.id}"
    )


def test_jobs_connect_to_what_the_facts_name_and_people_only_to_airflow(in_named_vpc: dict[str, Any]) -> None:
    resources = in_named_vpc["resource"]
    way = resources["aws_vpc_security_group_egress_rule"]["egress_jobs_snowflake_443"]
    assert (way["cidr_ipv4"], way["to_port"]) == ("10.7.1.0/24", 443)
    people = [
        r
        for r in resources["aws_vpc_security_group_ingress_rule"].values()
        if r.get("cidr_ipv4") == "10.8.0.0/16"
    ]
    assert [(r["security_group_id"], r["to_port"]) for r in people] == [
        ("${aws_security_group.group_airflow.id}", 443)
    ]
