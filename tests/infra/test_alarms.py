"""What is alarmed on, and how few constructs it takes."""

from __future__ import annotations

import re
import time
from typing import Any

from infra.facts import read_facts
from lakehouse.environments import metric_names as metrics
from lakehouse.pipelines import Job
from lakehouse.project import Project
from lambdas.sla_checker import handler as checker
from lambdas.sla_notifier import handler as notifier
from tests.infra.alerting import alerting, copies_of_pipelines, synthesized

NAMES = tuple(Project.find().settings.environments)


def metric_alarms(env: str) -> dict[str, Any]:
    alarms: dict[str, Any] = alerting(env)["aws_cloudwatch_metric_alarm"]
    return alarms


def kinds(job: Job) -> tuple[str, ...]:
    """A stream never ends, so it is never late."""
    return ("dq", "failed") if job.continuous else ("dq", "failed", "slow")


def behind(job: Job) -> dict[str, str]:
    """Alarm → table, of a stream."""
    return (
        {f"alarm_behind_{job.name}_{table.replace('.', '_')}": table for table in job.writes}
        if job.continuous
        else {}
    )


def test_every_job_has_its_alarms_on_the_metrics_that_jobs_send() -> None:
    facts = read_facts("prod")
    for job in facts.jobs:
        dq, failed, *late = of_job = [
            metric_alarms("prod")[f"alarm_{kind}_{job.name}"] for kind in kinds(job)
        ]
        for alarm in of_job:
            assert alarm["namespace"] == "lakehouse/prod"
            assert alarm["dimensions"] == {"job": job.name, "environment": "prod"}
            assert alarm["treat_missing_data"] == "notBreaching"
            assert alarm["tags"] == {"pipeline": job.pipeline, "owner": job.owner}
        assert (dq["metric_name"], dq["comparison_operator"], dq["threshold"]) == (
            metrics.DQ_CRITICAL,
            "GreaterThanOrEqualToThreshold",
            1,
        )
        assert (failed["metric_name"], failed["threshold"]) == (notifier.FAILURES, 1)
        for slow in late:
            assert (slow["metric_name"], slow["comparison_operator"]) == (
                metrics.LATENCY,
                "GreaterThanThreshold",
            )
            assert (slow["threshold"], slow["statistic"]) == (
                job.sla_within(facts.env.glue.timeout_minutes) * 60,
                "Maximum",
            )
            # Glue ends a run after its timeout: an alarm at that time or later would never fire.
            assert 0 < slow["threshold"] < job.ends_within(facts.env.glue.timeout_minutes) * 60


def test_a_stream_that_does_not_keep_up_or_stands_is_alarmed_on() -> None:
    expected = {
        alarm: (job.name, table) for job in read_facts("prod").jobs for alarm, table in behind(job).items()
    }
    assert expected
    for alarm, (stream, table) in expected.items():
        definition = metric_alarms("prod")[alarm]
        assert definition["dimensions"] == {"job": stream, "environment": "prod", "table": table}
        # At the end of its topic once in half an hour; nothing said is as bad.
        assert (definition["metric_name"], definition["statistic"], definition["threshold"]) == (
            metrics.LAG,
            "Minimum",
            1,
        )
        assert (
            definition["period"] * definition["evaluation_periods"],
            definition["treat_missing_data"],
        ) == (
            1800,
            "breaching",
        )
    quiet = {
        alarm["treat_missing_data"]
        for name, alarm in metric_alarms("staging").items()
        if name.startswith("alarm_behind_")
    }
    assert quiet == {"notBreaching"}


def test_one_composite_speaks_for_each_pipeline_and_its_alarms_are_silent() -> None:
    spoken = {}
    for name, composite in alerting("prod")["aws_cloudwatch_composite_alarm"].items():
        assert composite["alarm_actions"] == ["${aws_sns_topic.topic_alerts.arn}"]
        assert composite["actions_enabled"] is True
        spoken[name] = set(re.findall(r"aws_cloudwatch_metric_alarm\.(alarm_\w+)\.", composite["alarm_rule"]))
    expected: dict[str, set[str]] = {}
    for job in read_facts("prod").jobs:
        expected.setdefault(f"pipeline_{job.pipeline}", set()).update(
            (f"alarm_{kind}_{job.name}" for kind in kinds(job)), behind(job)
        )
    assert spoken == expected
    silent = {name for name, alarm in metric_alarms("prod").items() if "alarm_actions" not in alarm}
    assert silent == set().union(*spoken.values())


def test_what_reached_nobody_failing_functions_and_stale_gold_are_alarmed_on() -> None:
    with_actions = {name: alarm for name, alarm in metric_alarms("prod").items() if "alarm_actions" in alarm}
    assert set(with_actions) == {
        "alarm_depth_dead_letters",
        "alarm_depth_undelivered",
        "alarm_errors_sla_notifier",
        "alarm_errors_sla_checker",
        "alarm_freshness",
    }
    assert with_actions["alarm_depth_undelivered"]["dimensions"] == {
        "QueueName": "${aws_sqs_queue.queue_undelivered.name}"
    }
    assert with_actions["alarm_freshness"]["metric_name"] == checker.STALE
    # A checker that says nothing is as bad as stale gold, where there is a checker.
    assert with_actions["alarm_freshness"]["treat_missing_data"] == "breaching"
    assert metric_alarms("dev")["alarm_freshness"]["treat_missing_data"] == "notBreaching"


def test_alarms_call_nobody_where_nobody_watches() -> None:
    speaking = [
        alarm["actions_enabled"]
        for kind in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
        for alarm in alerting("staging")[kind].values()
        if "alarm_actions" in alarm
    ]
    assert speaking == [False] * len(speaking)


def test_alarm_names_are_told_apart() -> None:
    for env in NAMES:
        every = [
            alarm["alarm_name"]
            for kind in ("metric_alarm", "composite_alarm")
            for alarm in alerting(env).get(f"aws_cloudwatch_{kind}", {}).values()
        ]
        assert len(every) == len(set(every))
        assert all(name.startswith(f"lakehouse-{env}-") for name in every)


def test_a_pipeline_with_more_alarms_than_a_rule_takes_has_two_composites() -> None:
    resources = synthesized("prod", copies_of_pipelines(1, 40))
    composites = resources["aws_cloudwatch_composite_alarm"]
    assert sorted(composites) == ["pipeline_p0", "pipeline_p0_2"]
    assert [alarm["alarm_rule"].count("ALARM(") for _, alarm in sorted(composites.items())] == [100, 20]


def test_a_thousand_jobs_take_three_constructs_each() -> None:
    began = time.process_time()
    resources = synthesized("prod", copies_of_pipelines(100, 10))
    print(f"1000 jobs: {time.process_time() - began:.1f} s")
    assert len(resources["aws_cloudwatch_metric_alarm"]) == 3 * 1000 + 5
    assert len(resources["aws_cloudwatch_composite_alarm"]) == 100
