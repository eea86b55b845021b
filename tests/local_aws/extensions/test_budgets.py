"""Subscribers and tags of budgets."""

from __future__ import annotations

from tests.local_aws.extensions.conftest import Client


def test_a_budget_lists_its_subscribers_and_tags(client: Client) -> None:
    budgets = client("budgets")
    name = f"b-{budgets.meta.region_name}-{id(budgets)}"
    details = {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": 50.0,
        "ThresholdType": "PERCENTAGE",
    }
    subscribers = [{"SubscriptionType": "SNS", "Address": "arn:aws:sns:eu-central-1:123456789012:alerts"}]
    budget = {
        "BudgetName": name,
        "BudgetLimit": {"Amount": "10", "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    }
    key = {"AccountId": "123456789012"}
    budgets.create_budget(
        **key,
        Budget=budget,
        NotificationsWithSubscribers=[{"Notification": details, "Subscribers": subscribers}],
        ResourceTags=[{"Key": "owner", "Value": "me"}],
    )
    answer = budgets.describe_subscribers_for_notification(**key, BudgetName=name, Notification=details)
    assert answer["Subscribers"] == subscribers
    arn = f"arn:aws:budgets::123456789012:budget/{name}"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "team", "Value": "data"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["owner"])
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [
        {"Key": "team", "Value": "data"}
    ]
    budgets.delete_budget(**key, BudgetName=name)
