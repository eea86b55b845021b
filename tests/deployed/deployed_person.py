"""A role of people as the stack defines it, without Terraform, and the keys of one of its sessions."""

from __future__ import annotations

import json

from tests.deployed.deployed_function import DeployedFunction


def session_variables(function: DeployedFunction, role: str, person: str) -> dict[str, str]:
    """The variables of AWS's clients for a person who has taken on the role.

    The company's identity provider opens it; here the account's owner does.
    """
    iam, account = function.jobs.client("iam"), function.jobs.env.account
    body = function.resources["aws_iam_role"][f"role_person_{role}"]
    owner = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": owner}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_role(RoleName=body["name"], AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    policy = function.resources["aws_iam_role_policy"][f"role_policy_person_{role}"]["policy"]
    iam.put_role_policy(RoleName=body["name"], PolicyName="person", PolicyDocument=function.resolved(policy))
    keys = function.jobs.client("sts").assume_role(RoleArn=arn, RoleSessionName=person)["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
