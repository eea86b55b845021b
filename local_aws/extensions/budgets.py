"""Budgets: subscribers of notifications, and tags."""

from __future__ import annotations

from typing import Any

from moto.budgets.models import Budget, budgets_backends

from local_aws.extensions.calls import ApiError, Call, target

_DETAILS = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
_tags: dict[str, dict[str, str]] = {}


@target("budgets", "DescribeSubscribersForNotification")
def subscribers(call: Call) -> dict[str, Any]:
    requested = call.params["Notification"]
    for notification in _budget(call, call.params["BudgetName"]).notifications:
        if all(notification.details.get(name) == requested.get(name) for name in _DETAILS):
            return {"Subscribers": notification.subscribers}
    raise ApiError("NotFoundException", "Unable to get the notification")


@target("budgets", "CreateBudget")
def create(call: Call) -> None:
    """Keep the tags, which moto drops; moto creates the budget."""
    arn = f"arn:aws:budgets::{call.account}:budget/{call.params['Budget']['BudgetName']}"
    _tags[arn] = {tag["Key"]: tag["Value"] for tag in call.params.get("ResourceTags") or []}


@target("budgets", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    arn = call.params["ResourceARN"]
    _budget(call, arn.rpartition("/")[2])
    return {"ResourceTags": [{"Key": key, "Value": value} for key, value in _tags.get(arn, {}).items()]}


@target("budgets", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    _tags.setdefault(call.params["ResourceARN"], {}).update(
        {tag["Key"]: tag["Value"] for tag in call.params["ResourceTags"]}
    )
    return {}


@target("budgets", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    for key in call.params["ResourceTagKeys"]:
        _tags.get(call.params["ResourceARN"], {}).pop(key, None)
    return {}


def _budget(call: Call, name: str) -> Budget:
    budget: Budget | None = budgets_backends[call.account]["aws"].budgets[call.account].get(name)
    if budget is None:
        raise ApiError("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
    return budget
