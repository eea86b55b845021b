"""AWS Backup: the selections of resources that a plan backs up."""

from __future__ import annotations

import time
import uuid
from typing import Any

from moto.backup.models import backup_backends

from local_aws.backups.plans import selections
from local_aws.extensions.calls import ApiError, Call, Reply, path

_PATH = r"/backup/plans/(?P<plan>[^/]+)/selections"


@path("backup", "PUT", f"{_PATH}/?")
def create(call: Call) -> dict[str, Any]:
    plan, name = call.path_values["plan"], str(uuid.uuid4())
    identifiers = {"BackupPlanId": plan, "SelectionId": name, "CreationDate": int(time.time())}
    selections[call.region, plan, name] = {**identifiers, **call.params}
    return identifiers


@path("backup", "GET", f"{_PATH}/?")
def list_all(call: Call) -> dict[str, Any]:
    of_plan = [
        selection
        for (region, plan, _), selection in selections.items()
        if (region, plan) == (call.region, call.path_values["plan"])
    ]
    outer = ("SelectionId", "BackupPlanId", "CreationDate")
    inner = ("SelectionName", "IamRoleArn")
    return {
        "BackupSelectionsList": [
            {
                **{key: selection[key] for key in outer},
                **{key: selection["BackupSelection"][key] for key in inner},
            }
            for selection in of_plan
        ]
    }


@path("backup", "GET", f"{_PATH}/(?P<name>[^/]+)")
def get(call: Call) -> dict[str, Any]:
    return _selection(call)


@path("backup", "DELETE", f"{_PATH}/(?P<name>[^/]+)")
def delete(call: Call) -> Reply:
    _selection(call)
    del selections[call.region, call.path_values["plan"], call.path_values["name"]]
    return Reply(204, {}, b"")


@path("backup", "GET", r"/tags/(?P<arn>.+?)/?")
def list_tags(call: Call) -> dict[str, Any]:
    """moto reads the ARN from a path that ends with a slash, and Terraform's has none."""
    return {
        "Tags": backup_backends[call.account][call.region].tagger.get_tag_dict_for_resource(
            call.path_values["arn"]
        )
    }


def _selection(call: Call) -> dict[str, Any]:
    selection = selections.get((call.region, call.path_values["plan"], call.path_values["name"]))
    if selection is None:
        raise ApiError(
            "ResourceNotFoundException", f"Backup selection {call.path_values['name']} was not found"
        )
    return selection
