"""Descriptions of security group rules."""

from __future__ import annotations

from typing import Any

from tests.local_aws.extensions.conftest import Client


def test_rules_keep_the_descriptions_of_groups_and_prefix_lists(client: Client) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="jobs", Description="jobs", VpcId=vpc)["GroupId"]
    ports: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    peer = {**ports, "UserIdGroupPairs": [{"GroupId": group, "Description": "among themselves"}]}
    listed = {**ports, "PrefixListIds": [{"PrefixListId": "pl-1", "Description": "to S3"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[peer])
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[listed])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])[
        "SecurityGroupRules"
    ]
    assert {rule.get("Description") for rule in rules} >= {"among themselves", "to S3"}
