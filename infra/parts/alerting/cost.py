"""The budget of an environment. The provider's default tags, names.tags, tell costs apart."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.budgets_budget import BudgetsBudget, BudgetsBudgetNotification

from infra.parts.alerting.notifiers import Notifiers
from infra.platform_stack import PlatformStack
from lakehouse.environments import names


def add_cost(stack: PlatformStack, notifiers: Notifiers) -> None:
    """A budget for the whole account, which belongs to one environment: costs without tags count too."""
    budget = stack.env.stack.budget
    spent = [_notification(notifiers, percent, "ACTUAL") for percent in sorted(set(budget.alert_percent))]
    BudgetsBudget(
        stack,
        "budget",
        name=names.budget(stack.env),
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=str(float(budget.monthly_usd)),
        limit_unit="USD",
        notification=[*spent, _notification(notifiers, 100, "FORECASTED")],
    )


def _notification(notifiers: Notifiers, percent: int, kind: str) -> BudgetsBudgetNotification:
    return BudgetsBudgetNotification(
        comparison_operator="GREATER_THAN",
        threshold=percent,
        threshold_type="PERCENTAGE",
        notification_type=kind,
        subscriber_sns_topic_arns=[notifiers.topic_arn],
    )
