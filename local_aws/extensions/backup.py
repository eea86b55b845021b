"""AWS Backup: which resources a plan takes."""

from __future__ import annotations

import time
import uuid
from typing import Any

from moto.backup.models import backup_backends

from local_aws.extensions.calls import ApiError, Call, Reply, path

_PLACE = r"/backup/plans/(?P<plan>[^/]+)/selections"
_selections: dict[tuple[str, str, str], dict[str, Any]] = {}


@path("backup", "PUT", f"{_PLACE}/?")
def create(call: Call) -> dict[str, Any]:
    plan, name = call.found["plan"], str(uuid.uuid4())
    made = {"BackupPlanId": plan, "SelectionId": name, "CreationDate": int(time.time())}
    _selections[call.region, plan, name] = {**made, **call.params}
    return made


@path("backup", "GET", f"{_PLACE}/?")
def list_all(call: Call) -> dict[str, Any]:
    found = [
        s
        for (region, plan, _), s in _selections.items()
        if (region, plan) == (call.region, call.found["plan"])
    ]
    shown = ("SelectionId", "BackupPlanId", "CreationDate")
    own = ("SelectionName", "IamRoleArn")
    return {
        "BackupSelectionsList": [
            {**{k: s[k] for k in shown}, **{k: s["BackupSelection"][k] for k in own}} for s in found
        ]
    }


@path("backup", "GET", f"{_PLACE}/(?P<name>[^/]+)")
def get(call: Call) -> dict[str, Any]:
    return _known(call)


@path("backup", "DELETE", f"{_PLACE}/(?P<name>[^/]+)")
def delete(call: Call) -> Reply:
    _known(call)
    del _selections[call.region, call.found["plan"], call.found["name"]]
    return Reply(204, {}, b"")


@path("backup", "GET", r"/tags/(?P<arn>.+?)/?")
def list_tags(call: Call) -> dict[str, Any]:
    """moto reads the ARN from a path that ends with a slash, and Terraform's has none."""
    return {
        "Tags": backup_backends[call.account][call.region].tagger.get_tag_dict_for_resource(call.found["arn"])
    }


@path("backup", "GET", "/backup-vaults/[^/]+/recovery-points/?")
def list_recovery_points(_: Call) -> dict[str, Any]:
    """No backup is ever taken here; whoever empties a vault before it goes asks for them."""
    return {"RecoveryPoints": []}


def _known(call: Call) -> dict[str, Any]:
    found = _selections.get((call.region, call.found["plan"], call.found["name"]))
    if found is None:
        raise ApiError("ResourceNotFoundException", f"Backup selection {call.found['name']} was not found")
    return found
