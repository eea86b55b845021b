"""What a request asks for: actions, the resource of each, and the condition keys that it brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_aws.athena.workgroups import workgroup_of
from local_aws.extensions.calls import Call
from local_aws.iam import dynamodb_actions, s3_actions
from local_aws.iam.glue_resources import glue_resources
from local_aws.iam.operations import operation_of
from local_aws.iam.owned import Account

ALL = "*"


@dataclass(frozen=True)
class Action:
    """`context`: condition key in lower case → its values."""

    name: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


# What Lake Formation asks of IAM before it gives keys to a table's files; it takes no resource.
DATA_ACCESS = Action("lakeformation:GetDataAccess", ALL)


def actions_of(call: Call) -> list[Action]:
    """The actions that a request needs; none for one that is no operation."""
    if call.service == "s3":
        return [Action(*values) for values in s3_actions.of(call)]
    operation = operation_of(call)
    if operation is None:
        return []
    name, params = operation
    account = Account(call.account, call.region)
    if call.service == "dynamodb":
        return [Action(*values) for values in dynamodb_actions.of(account, name, params)]
    prefix = {"monitoring": "cloudwatch", "email": "ses"}.get(call.service, call.service)
    action = f"{prefix}:{_RENAMED.get((prefix, name), name)}"
    context = _context(prefix, params)
    resources = list(_RESOURCES.get(prefix, _none)(account, name, params)) or [ALL]
    return [*(Action(action, resource, context) for resource in resources), *_passed(prefix, name, params)]


def _passed(prefix: str, name: str, params: dict[str, Any]) -> Iterator[Action]:
    """The role that a job of AWS Backup gets, which its caller must be allowed to pass."""
    if prefix == "backup" and name.startswith("Start") and (role := params.get("IamRoleArn")):
        yield Action("iam:PassRole", role, {"iam:passedtoservice": ("backup.amazonaws.com",)})


_RENAMED = {
    ("lambda", "Invoke"): "InvokeFunction",
    ("lambda", "InvokeAsync"): "InvokeFunction",
    ("lakeformation", "GetTemporaryGlueTableCredentials"): "GetDataAccess",
}
Resources = Callable[[Account, str, dict[str, Any]], Iterator[str]]


def _none(_account: Account, _name: str, _params: dict[str, Any]) -> Iterator[str]:
    return iter(())


def _context(prefix: str, params: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The condition keys of a service that the platform's policies name."""
    if prefix == "cloudwatch" and "Namespace" in params:
        return {"cloudwatch:namespace": (params["Namespace"],)}
    return {}


def _secret(account: Account, _name: str, params: dict[str, Any]) -> Iterator[str]:
    if name := params.get("SecretId") or params.get("Name"):
        yield account.secret_arn(name)


def _logs(account: Account, name: str, params: dict[str, Any]) -> Iterator[str]:
    """A group alone is asked for with `:log-stream:` at its end."""
    group = (
        params.get("logGroupName") or str(params.get("logGroupIdentifier", "")).rpartition("log-group:")[2]
    )
    if group or name == "DescribeLogGroups":
        yield account.arn("logs", f"log-group:{group}:log-stream:{params.get('logStreamName', '')}")


def _topic(_account: Account, _name: str, params: dict[str, Any]) -> Iterator[str]:
    if arn := params.get("TopicArn") or params.get("TargetArn"):
        yield arn


def _queue(account: Account, _name: str, params: dict[str, Any]) -> Iterator[str]:
    if url := params.get("QueueUrl") or params.get("QueueName"):
        yield account.arn("sqs", url.rpartition("/")[2])


def _key(account: Account, _name: str, params: dict[str, Any]) -> Iterator[str]:
    if key := params.get("KeyId"):
        yield account.key_arn(key) or key


def _role(_account: Account, name: str, params: dict[str, Any]) -> Iterator[str]:
    if name == "AssumeRole":
        yield params.get("RoleArn", "")


def _function(account: Account, _name: str, params: dict[str, Any]) -> Iterator[str]:
    if name := params.get("FunctionName"):
        yield name if name.startswith("arn:") else account.arn("lambda", f"function:{name}")


def _bus(account: Account, name: str, params: dict[str, Any]) -> Iterator[str]:
    if name == "PutEvents":
        for entry in params.get("Entries", []):
            bus = entry.get("EventBusName", "default")
            yield bus if bus.startswith("arn:") else account.arn("events", f"event-bus/{bus}")


def _workgroup(account: Account, _name: str, params: dict[str, Any]) -> Iterator[str]:
    if name := params.get("WorkGroup") or workgroup_of(str(params.get("QueryExecutionId"))):
        yield account.arn("athena", f"workgroup/{name}")


def _state_machine(_account: Account, _name: str, params: dict[str, Any]) -> Iterator[str]:
    if arn := params.get("stateMachineArn") or params.get("executionArn"):
        yield arn


def _backup(account: Account, operation: str, params: dict[str, Any]) -> Iterator[str]:
    """A recovery point, or the vault that a backup goes to or is listed of."""
    vault = params.get("BackupVaultName") or params.get("backupVaultName")
    if point := params.get("RecoveryPointArn") or params.get("recoveryPointArn"):
        yield point
    elif vault and operation != "CreateBackupVault":
        yield account.arn("backup", f"backup-vault:{vault}")


def _environment(account: Account, _name: str, params: dict[str, Any]) -> Iterator[str]:
    if name := params.get("Name"):
        yield account.arn("airflow", f"environment/{name}")


_RESOURCES: dict[str, Resources] = {
    "airflow": _environment,
    "athena": _workgroup,
    "backup": _backup,
    "events": _bus,
    "glue": glue_resources,
    "kms": _key,
    "lambda": _function,
    "logs": _logs,
    "secretsmanager": _secret,
    "sns": _topic,
    "states": _state_machine,
    "sqs": _queue,
    "sts": _role,
}
