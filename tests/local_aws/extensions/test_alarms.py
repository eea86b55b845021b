"""CloudWatch's composite alarms."""

from __future__ import annotations

from tests.local_aws.extensions.conftest import Client


def test_a_composite_alarm_is_created_and_deleted(client: Client) -> None:
    watch = client("cloudwatch")
    metric = {
        "Namespace": "x",
        "MetricName": "y",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
    }
    watch.put_metric_alarm(AlarmName="one", ComparisonOperator="GreaterThanThreshold", **metric)
    watch.put_composite_alarm(
        AlarmName="all", AlarmRule='ALARM("one")', AlarmDescription="any of them", ActionsEnabled=True
    )
    answer = watch.describe_alarms(AlarmNames=["all"], AlarmTypes=["CompositeAlarm"])
    assert [(a["AlarmName"], a["AlarmRule"], a["ActionsEnabled"]) for a in answer["CompositeAlarms"]] == [
        ("all", 'ALARM("one")', True)
    ]
    assert answer["MetricAlarms"] == []
    watch.delete_alarms(AlarmNames=["all", "one"])
    assert watch.describe_alarms(AlarmNames=["all"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"] == []
