"""The budget of an environment. Tags that tell costs apart are on everything by the provider's default tags: names.tags."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_aws.budgets_budget import BudgetsBudget, BudgetsBudgetNotification

from infra.parts.alerting.notifiers import Notifiers
from infra.platform_stack import PlatformStack
from lakehouse.environments import names


def add_cost(stack: PlatformStack, notifiers: Notifiers) -> None:
    """An environment has an account of its own, so the budget is the account's: also what nobody tagged counts."""
    budget = stack.env.stack.budget
    spent = [_tell(notifiers, percent, "ACTUAL") for percent in sorted(set(budget.alert_percent))]
    BudgetsBudget(
        stack,
        "budget",
        name=names.budget(stack.env),
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=str(float(budget.monthly_usd)),
        limit_unit="USD",
        notification=[*spent, _tell(notifiers, 100, "FORECASTED")],
    )


def _tell(notifiers: Notifiers, percent: int, kind: str) -> Any:
    return BudgetsBudgetNotification(
        comparison_operator="GREATER_THAN",
        threshold=percent,
        threshold_type="PERCENTAGE",
        notification_type=kind,
        subscriber_sns_topic_arns=[notifiers.topic_arn],
    )
