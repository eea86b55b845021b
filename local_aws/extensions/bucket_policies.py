"""Bucket policies whose statements have conditions."""

from __future__ import annotations

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket


def _permission(bucket: Any, action: str, resource: str) -> PermissionResult:
    """What moto says of the statements without a condition.

    It takes a condition that is not met for a denial, so that "deny what is not TLS" denies all. Conditions of bucket policies speak of callers
    without TLS and of AWS's own services, and neither calls here.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    document = json.loads(bucket.policy)
    stated = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    plain = [statement for statement in stated if "Condition" not in statement]
    said: PermissionResult = IAMPolicy(json.dumps({**document, "Statement": plain})).is_action_permitted(
        action, resource
    )
    return said


FakeBucket.get_permission = _permission  # type: ignore[method-assign,assignment]
