"""Evaluates bucket policies whose statements have conditions."""

from __future__ import annotations

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket


def _permission(bucket: Any, action: str, resource: str) -> PermissionResult:
    """The permission by the statements without a condition.

    moto takes a condition that is not met for a denial, so a "deny without TLS" denies everything. The
    conditions of the stack's policies concern callers without TLS and AWS's own services; neither calls here.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    document = json.loads(bucket.policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    plain = [statement for statement in statements if "Condition" not in statement]
    permission: PermissionResult = IAMPolicy(
        json.dumps({**document, "Statement": plain})
    ).is_action_permitted(action, resource)
    return permission


FakeBucket.get_permission = _permission  # type: ignore[method-assign,assignment]
