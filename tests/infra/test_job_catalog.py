"""The job catalog that the stack writes for the functions."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch
from typing import Any

import pytest

from infra.facts import read_facts
from infra.parts.alerting import job_catalog
from lakehouse.environments import load_environment
from lambdas.common.job_catalog import parse_job_catalog
from tests.infra.alerting import alerting


def test_the_catalog_has_the_owners_of_every_kind_of_pipeline() -> None:
    jobs = parse_job_catalog(alerting("prod")["aws_s3_object"]["object_watched"]["content"]).jobs
    expected = {
        name: (jobs[name].email, jobs[name].slack, jobs[name].retries)
        for name in ("kafka_to_lakebase", "traffic_data_clean")
    }
    assert expected == {
        "kafka_to_lakebase": ("loyalty@company.com", "", 5),
        "traffic_data_clean": ("loyalty@company.com", "", 2),
    }
    channel = load_environment("prod").stack.alerts.slack_channel
    # As the loan pipelines write it, slack@… is the environment's own channel.
    assert (jobs["bronze_transform"].email, jobs["bronze_transform"].slack) == ("", channel)
    assert jobs["ingest_loan_applications"].email == "email@company.com"
    endpoints = {s["endpoint"] for s in alerting("prod")["aws_sns_topic_subscription"].values()}
    assert {"loyalty@company.com", "email@company.com"} <= endpoints
    assert "slack@company.com" not in endpoints


def test_the_catalog_has_no_age_for_tables_of_streams() -> None:
    facts = read_facts("prod")
    declared = {
        table
        for table, suite in facts.schemas.suites.items()
        if any(e.type == "expect_table_to_be_fresh" for e in suite.expectations)
    }
    streamed = {table for job in facts.jobs if job.continuous for table in job.writes}
    document = alerting("prod")["aws_s3_object"]["object_watched"]["content"]
    checked = set(parse_job_catalog(document).max_age_days)
    assert checked == {t for t in declared if t.startswith("gold.")} - streamed
    assert "gold.kafka_data" in streamed


@pytest.mark.parametrize(("env", "schedule"), [("dev", "0 6 * * *"), ("prod", "continuous")])
def test_a_stream_is_due_when_the_environment_starts_it(env: str, schedule: str) -> None:
    jobs = job_catalog.document(read_facts(env))["jobs"]
    assert {job["schedule"] for job in jobs if job["name"] == "kafka_to_lakebase"} == {schedule}


@pytest.mark.parametrize(
    ("declared", "email", "channel"),
    [
        ("email@company.com", "email@company.com", ""),
        ("slack@company.com", "", "#lakehouse-alerts"),
        ("#retail-analytics", "", "#retail-analytics"),
        ("slackers@company.com", "slackers@company.com", ""),
    ],
)
def test_a_row_names_an_email_address_or_a_channel(declared: str, email: str, channel: str) -> None:
    assert job_catalog.address(read_facts("prod").env, declared) == (email, channel)


def test_a_changed_job_row_changes_only_the_catalog_and_its_own_alarms() -> None:
    from tests.infra.alerting import synthesized

    def later(facts: Any) -> Any:
        retail = next(p for p in facts.pipelines if p.name == "retail")
        first, *others = retail.jobs
        longer = replace(first, procs=tuple(replace(proc, timeout_minutes=99) for proc in first.procs))
        changed = replace(retail, jobs=(longer, *others))
        return replace(facts, pipelines=tuple(changed if p is retail else p for p in facts.pipelines))

    before, after = alerting("prod"), synthesized("prod", later)
    changed = {
        f"{kind}.{name}"
        for kind, all_of in after.items()
        for name, body in all_of.items()
        if before[kind].get(name) != body
    }
    first = next(p for p in read_facts("prod").pipelines if p.name == "retail").jobs[0].name
    assert changed == {"aws_s3_object.object_watched", f"aws_cloudwatch_metric_alarm.alarm_slow_{first}"}
    assert not any(fnmatch(name, "aws_lambda_*") for name in changed)
