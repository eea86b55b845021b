"""Why a right of a job is not used in a day on the embedded AWS that goes well."""

from __future__ import annotations

from cli.local.rights import UsedRights

_NETWORK = "AWS Glue makes the network interface of a run in the VPC with the job's role; here a run has none"
_SERVICE = "the service uses the key on behalf of its caller; the embedded one encrypts without a call"
# Sid of a statement → reason; `sid action` where the reason is one action's.
REASONS = {
    "AnyDescriptionOfNetworks": _NETWORK,
    "MakeInterface": _NETWORK,
    "DropInterface": _NETWORK,
    "TagInterface": _NETWORK,
    "Connection": _NETWORK,
    "AnySecurityConfiguration": "AWS Glue looks it up for a run; the embedded one encrypts nothing by it",
    "KeyOfState": f"DynamoDB: {_SERVICE}",
    "KeyOfAlerts": f"SNS: {_SERVICE}",
    "KeyOfCatalog": f"the Glue catalog: {_SERVICE}",
    "Alert": "for a run that fails and for a gate that warns",
    "Write s3:AbortMultipartUpload": "for a large upload that fails",
    "Watermarks dynamodb:DeleteItem": "for a position that was too large for one item",
    "AnyTrace": "Lambda sends traces itself; here none are sampled",
    "DeadLetters": "for a call of the function that failed",
}


def without_reason(rights: UsedRights) -> list[str]:
    """`sid action` of each granted action that was neither used nor has a reason."""
    pairs = [
        (policy_and_sid.partition("/")[2], action)
        for policy_and_sid, actions in rights.unused.items()
        for action in actions
    ]
    return [f"{sid} {action}" for sid, action in pairs if not {sid, f"{sid} {action}"} & REASONS.keys()]
