"""What Terraform imports a resource of the stack by: its name, its ARN, or an id that only AWS knows."""

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
# Resource type → name → arguments, as in cdk.tf.json.
Resources = Mapping[str, Mapping[str, Arguments]]

# Only types whose names are unique in an account: for others AWS never says that one exists already.
_BY_NAME = {
    "aws_athena_workgroup": "name",
    "aws_backup_vault": "name",
    "aws_cloudwatch_log_group": "name",
    "aws_db_subnet_group": "name",
    "aws_dynamodb_table": "name",
    "aws_glue_job": "name",
    "aws_glue_security_configuration": "name",
    "aws_iam_role": "name",
    "aws_kms_alias": "name",
    "aws_lambda_function": "function_name",
    "aws_mwaa_environment": "name",
    "aws_rds_cluster": "cluster_identifier",
    "aws_rds_cluster_instance": "identifier",
    "aws_rds_cluster_parameter_group": "name",
    "aws_s3_bucket": "bucket",
    "aws_scheduler_schedule_group": "name",
}
_IN_ACCOUNT = {
    "aws_budgets_budget": "{name}",
    "aws_glue_catalog_database": "{name}",
    "aws_glue_catalog_table": "{database_name}:{name}",
    "aws_glue_connection": "{name}",
    "aws_lakeformation_lf_tag": "{key}",
}
_BY_ARN = {
    "aws_glue_registry": "arn:aws:glue:{region}:{account}:registry/{registry_name}",
    "aws_iam_policy": "arn:aws:iam::{account}:policy/{name}",
    "aws_sfn_state_machine": "arn:aws:states:{region}:{account}:stateMachine:{name}",
}


def _backup_plans(aws: Aws, arguments: Arguments) -> list[str]:
    pages = aws.client("backup").get_paginator("list_backup_plans").paginate()
    plans = [plan for page in pages for plan in page["BackupPlansList"]]
    return [plan["BackupPlanId"] for plan in plans if plan["BackupPlanName"] == arguments["name"]]


def _secrets(aws: Aws, arguments: Arguments) -> list[str]:
    return [aws.secretsmanager.describe_secret(SecretId=arguments["name"])["ARN"]]


def _security_groups(aws: Aws, arguments: Arguments) -> list[str]:
    by_name = [{"Name": "group-name", "Values": [arguments["name"]]}]
    groups = aws.client("ec2").describe_security_groups(Filters=by_name)["SecurityGroups"]
    return [group["GroupId"] for group in groups]


def _schedules(_: Aws, arguments: Arguments) -> list[str]:
    return ["{group_name}/{name}".format(**arguments)]


_FROM_AWS: dict[str, Callable[[Aws, Arguments], list[str]]] = {
    "aws_backup_plan": _backup_plans,
    "aws_scheduler_schedule": _schedules,
    "aws_secretsmanager_secret": _secrets,
    "aws_security_group": _security_groups,
}
ADOPTABLE = {*_BY_NAME, *_IN_ACCOUNT, *_BY_ARN, *_FROM_AWS}


def import_ids(stack: Path, env: Environment, addresses: Sequence[str]) -> dict[str, str]:
    """The import id of each resource at `addresses` (`type.name`) in a synthesized stack, by address.

    Raises typer.BadParameter when the stack has no such resource, when its type is not in ADOPTABLE, or when
    AWS has none or several of its name.
    """
    resources = json.loads((stack / "cdk.tf.json").read_text(encoding="utf-8"))["resource"]
    return {address: _import_id(resources, env, address) for address in addresses}


def _import_id(resources: Resources, env: Environment, address: str) -> str:
    kind, _, name = address.partition(".")
    if name not in resources.get(kind, {}):
        raise typer.BadParameter(
            f"the stack of '{env.name}' has no {address}{_suggestion(resources, address)}"
        )
    arguments = {key: _resolved(resources, value) for key, value in resources[kind][name].items()}
    region = env.replica_region if arguments.get("provider") == "aws.replica" else env.region
    if kind in _BY_NAME:
        return str(arguments[_BY_NAME[kind]])
    if kind in _IN_ACCOUNT:
        return f"{env.account}:{_IN_ACCOUNT[kind].format(**arguments)}"
    if kind in _BY_ARN:
        return _BY_ARN[kind].format(region=region, account=env.account, **arguments)
    ids = _ids_from_aws(kind, arguments, env, region)
    if len(ids) != 1:
        raise typer.BadParameter(
            f"AWS has {len(ids) or 'none'} that could be {address}; "
            f"give what Terraform's page of {kind} imports it by: `--id`"
        )
    return ids[0]


def _suggestion(resources: Resources, address: str) -> str:
    addresses = [f"{kind}.{name}" for kind, named in resources.items() for name in named]
    nearest = difflib.get_close_matches(address, addresses, 1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def _resolved(resources: Resources, value: Any) -> Any:
    """The value behind a reference to another resource's argument, such as the name of a table's database.

    A reference to what AWS gives, such as an id, stays as it is.
    """
    if isinstance(value, str) and value.startswith("${") and value.count(".") == 2:
        kind, name, argument = value[2:-1].split(".")
        return resources.get(kind, {}).get(name, {}).get(argument, value)
    return value


def _ids_from_aws(kind: str, arguments: Arguments, env: Environment, region: str) -> list[str]:
    from botocore.exceptions import BotoCoreError, ClientError

    if kind not in _FROM_AWS:
        return []
    try:
        return _FROM_AWS[kind](Aws(env.aws, region), arguments)
    except (BotoCoreError, ClientError) as error:
        name = arguments.get("name")
        raise typer.BadParameter(
            f"AWS does not say what the id of {kind} '{name}' is ({error}); give it: `--id`"
        ) from error
