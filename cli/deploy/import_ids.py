"""What Terraform imports a resource of the stack by: its name, its ARN, or an id that AWS alone knows."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from glue_jobs.aws import Aws
from lakehouse.environments.model import Environment

Arguments = Mapping[str, Any]
# Kind → name → what Terraform reads.
Made = Mapping[str, Mapping[str, Arguments]]

# Those alone whose names are unique, so that AWS can say that one exists.
_BY_NAME = {
    **dict.fromkeys(
        ("aws_athena_workgroup", "aws_backup_vault", "aws_cloudwatch_log_group", "aws_db_subnet_group", "aws_dynamodb_table", "aws_glue_job",
         "aws_glue_security_configuration", "aws_iam_role", "aws_kms_alias", "aws_mwaa_environment", "aws_rds_cluster_parameter_group"), "name"
    ),
    "aws_lambda_function": "function_name", "aws_rds_cluster": "cluster_identifier", "aws_rds_cluster_instance": "identifier", "aws_s3_bucket": "bucket",
}  # fmt: skip
_IN_ACCOUNT = {
    "aws_budgets_budget": "{name}", "aws_glue_catalog_database": "{name}", "aws_glue_catalog_table": "{database_name}:{name}",
    "aws_glue_connection": "{name}", "aws_lakeformation_lf_tag": "{key}",
}  # fmt: skip
_BY_ARN = {
    "aws_glue_registry": "arn:aws:glue:{region}:{account}:registry/{registry_name}",
    "aws_iam_policy": "arn:aws:iam::{account}:policy/{name}",
}
_ASKED: dict[str, Callable[[Aws, Arguments], list[str]]] = {
    "aws_backup_plan": lambda aws, of: [
        plan["BackupPlanId"]
        for page in aws.client("backup").get_paginator("list_backup_plans").paginate()
        for plan in page["BackupPlansList"]
        if plan["BackupPlanName"] == of["name"]
    ],
    "aws_msk_serverless_cluster": lambda aws, of: [
        cluster["ClusterArn"]
        for page in aws.client("kafka")
        .get_paginator("list_clusters_v2")
        .paginate(ClusterNameFilter=of["cluster_name"])
        for cluster in page["ClusterInfoList"]
        if cluster["ClusterName"] == of["cluster_name"]
    ],
    "aws_secretsmanager_secret": lambda aws, of: [
        aws.secretsmanager.describe_secret(SecretId=of["name"])["ARN"]
    ],
    "aws_security_group": lambda aws, of: [
        group["GroupId"]
        for group in aws.client("ec2").describe_security_groups(
            Filters=[{"Name": "group-name", "Values": [of["name"]]}]
        )["SecurityGroups"]
    ],
}
ADOPTABLE = {*_BY_NAME, *_IN_ACCOUNT, *_BY_ARN, *_ASKED}


def identities(stack: Path, env: Environment, addresses: Sequence[str]) -> dict[str, str]:
    """Of the resources at `addresses` (`kind.name`) in a stack that was synthesized, by address.

    Raises typer.BadParameter when the stack has no such resource, when its kind is not one that clashes, or when AWS has none or several of its name.
    """
    made = json.loads((stack / "cdk.tf.json").read_text(encoding="utf-8"))["resource"]
    return {address: _identity(made, env, address) for address in addresses}


def _identity(made: Made, env: Environment, address: str) -> str:
    kind, _, name = address.partition(".")
    if name not in made.get(kind, {}):
        near = difflib.get_close_matches(
            address, [f"{k}.{n}" for k, all_of in made.items() for n in all_of], 1
        )
        raise typer.BadParameter(
            f"the stack of '{env.name}' has no {address}" + (f"; did you mean {near[0]}?" if near else "")
        )
    of = {key: _meant(made, value) for key, value in made[kind][name].items()}
    region = env.replica_region if of.get("provider") == "aws.replica" else env.region
    if kind in _BY_NAME:
        return str(of[_BY_NAME[kind]])
    if kind in _IN_ACCOUNT:
        return f"{env.account}:{_IN_ACCOUNT[kind].format(**of)}"
    if kind in _BY_ARN:
        return _BY_ARN[kind].format(region=region, account=env.account, **of)
    found = _asked(kind, of, env, region)
    if len(found) != 1:
        raise typer.BadParameter(
            f"AWS has {len(found) or 'none'} that could be {address}; give what Terraform's page of {kind} imports it by: `--id`"
        )
    return found[0]


def _meant(made: Made, value: Any) -> Any:
    """A reference to what another resource is given, such as the name of a table's database, is that; what AWS gives stays a reference."""
    if isinstance(value, str) and value.startswith("${") and value.count(".") == 2:
        kind, name, argument = value[2:-1].split(".")
        return made.get(kind, {}).get(name, {}).get(argument, value)
    return value


def _asked(kind: str, of: Arguments, env: Environment, region: str) -> list[str]:
    from botocore.exceptions import BotoCoreError, ClientError

    if kind not in _ASKED:
        return []
    try:
        return _ASKED[kind](Aws(env.aws, region), of)
    except (BotoCoreError, ClientError) as error:
        raise typer.BadParameter(
            f"AWS does not say what the id of {kind} '{of.get('name')}' is ({error}); give it: `--id`"
        ) from error
