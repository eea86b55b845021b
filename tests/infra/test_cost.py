"""What an environment may cost, and who hears of it."""

from __future__ import annotations

import pytest

from infra.facts import read_facts
from lakehouse.project import Project
from tests.infra.alerting import alerting

NAMES = tuple(Project.find().settings.environments)


@pytest.mark.parametrize("env", NAMES)
def test_the_budget_tells_at_each_stated_share_and_when_the_month_will_not_hold(env: str) -> None:
    (budget,) = alerting(env)["aws_budgets_budget"].values()
    declared = read_facts(env).env.stack.budget
    assert (float(budget["limit_amount"]), budget["limit_unit"], budget["time_unit"]) == (
        declared.monthly_usd,
        "USD",
        "MONTHLY",
    )
    notifications = [(n["notification_type"], n["threshold"]) for n in budget["notification"]]
    assert notifications == [
        *(("ACTUAL", percent) for percent in sorted(declared.alert_percent)),
        ("FORECASTED", 100),
    ]
    # AWS takes five.
    assert len(notifications) <= 5
    assert {tuple(n["subscriber_sns_topic_arns"]) for n in budget["notification"]} == {
        ("${aws_sns_topic.topic_alerts.arn}",)
    }
    topic = alerting(env)["aws_sns_topic_policy"]["topic_policy_alerts"]["policy"]
    assert "budgets.amazonaws.com" in topic
