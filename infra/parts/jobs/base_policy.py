"""The policy that all jobs share: report how a run went, and run in the private subnets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy

from infra.facts import Facts
from infra.parts.encryption.keys import CURATED, RAW
from infra.platform_stack import PlatformStack
from lakehouse.environments import names
from lakehouse.environments.names import Control, Zone

Statement = dict[str, Any]


@dataclass(frozen=True)
class KeyArns:
    """ARNs of the keys, and of the private subnets and the security group of the jobs."""

    raw: str
    curated: str
    platform: str
    state: str
    secrets: str
    messages: str
    subnets: tuple[str, ...]
    group: str

    def of(self, zone: Zone) -> str:
        """The key that encrypts a zone."""
        return self.raw if zone in RAW else self.curated if zone in CURATED else self.platform


def base_policy(stack: PlatformStack, keys: KeyArns) -> IamPolicy:
    """One policy for all jobs: IAM takes only so many characters of a role's own."""
    policy = json.dumps(common_policy(stack.facts, keys))
    return IamPolicy(
        stack,
        "policy_jobs",
        name=names.jobs_policy(stack.env),
        description="What every Glue job of the platform may",
        policy=policy,
    )


def common_policy(facts: Facts, keys: KeyArns) -> dict[str, Any]:
    """What every job may: report how a run went, and run in the private subnets."""
    return document({**_reporting(facts, keys), **_network(facts, keys)})


def _reporting(facts: Facts, keys: KeyArns) -> dict[str, Statement]:
    """Audit, alerts, logs and metrics, and how these are encrypted.

    The audit's keys are ids of runs, so no policy can name them.
    """
    env = facts.env
    groups = f"arn:aws:logs:{env.region}:{env.account}:log-group:{names.log_group(env, 'jobs')}/*"
    table = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    return {
        "Audit": items_of(facts, Control.AUDIT),
        "KeyOfState": via_service(facts, table, [keys.state], "dynamodb"),
        "Alert": {
            "Action": "sns:Publish",
            "Resource": f"arn:aws:sns:{env.region}:{env.account}:{names.alert_topic(env)}",
        },
        "KeyOfAlerts": via_service(facts, ["kms:Decrypt", "kms:GenerateDataKey*"], [keys.messages], "sns"),
        "Logs": {
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": groups,
        },
        # A run reads how it encrypts, as AWS's own AWSGlueServiceRole lets it. The action takes no resource.
        "AnySecurityConfiguration": {"Action": "glue:GetSecurityConfiguration", "Resource": "*"},
        # CloudWatch knows no resources for metrics; the namespace is the only bound there is.
        "AnyMetricOfOurNamespaces": {
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": [names.metrics_namespace(env), "Glue"]}},
        },
    }


def _network(facts: Facts, keys: KeyArns) -> dict[str, Statement]:
    """Glue looks up the connection and puts an interface into its subnet, as the job's role."""
    env = facts.env
    glue = f"arn:aws:glue:{env.region}:{env.account}"
    connections = [f"{glue}:connection/{names.connection(env, f'network-{letter}')}" for letter in "ab"]
    ec2 = f"arn:aws:ec2:{env.region}:{env.account}"
    interfaces = f"{ec2}:network-interface/*"
    return {
        "Connection": {"Action": "glue:GetConnection", "Resource": [f"{glue}:catalog", *connections]},
        # The catalog is encrypted whole, connections among it.
        "KeyOfCatalog": via_service(facts, ["kms:Decrypt"], [keys.platform], "glue"),
        # Nothing that describes can be bound to a resource.
        "AnyDescriptionOfNetworks": {
            "Action": [
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeRouteTables",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcAttribute",
                "ec2:DescribeVpcEndpoints",
            ],
            "Resource": "*",
        },
        "MakeInterface": {
            "Action": "ec2:CreateNetworkInterface",
            "Resource": [interfaces, keys.group, *keys.subnets],
        },
        "DropInterface": {
            "Action": "ec2:DeleteNetworkInterface",
            "Resource": interfaces,
            "Condition": {"ArnEquals": {"ec2:Subnet": list(keys.subnets)}},
        },
        "TagInterface": {
            "Action": ["ec2:CreateTags", "ec2:DeleteTags"],
            "Resource": interfaces,
            "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["aws-glue-service-resource"]}},
        },
    }


def document(statements: dict[str, Statement]) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, "Effect": "Allow", **body} for sid, body in statements.items()],
    }


def via_service(facts: Facts, action: list[str], keys: list[str], service: str) -> Statement:
    """Use of keys, only through the service whose data they protect."""
    via = {"StringEquals": {"kms:ViaService": f"{service}.{facts.env.region}.amazonaws.com"}}
    return {"Action": action, "Resource": keys, "Condition": via}


def items_of(facts: Facts, control: Control, *more: str) -> Statement:
    """Reads and puts of the items of a control table, and `more` actions."""
    env = facts.env
    arn = f"arn:aws:dynamodb:{env.region}:{env.account}:table/{names.control_table(env, control)}"
    return {"Action": ["dynamodb:GetItem", "dynamodb:PutItem", *more], "Resource": arn}
