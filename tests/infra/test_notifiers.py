"""The topic, the functions, their rights, and what reaches them."""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatch
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.facts import read_facts
from infra.parts.alerting import job_catalog
from lakehouse.environments import load_environment, names
from lakehouse.project import Project
from lambdas.common.job_catalog import parse_job_catalog
from lambdas.common.settings import Settings, read_settings
from lambdas.sla_checker.settings import CheckerSettings
from lambdas.sla_notifier.settings import NotifierSettings
from tests.infra.alerting import alerting
from tests.infra.test_storage import empty_blocks

NAMES = tuple(Project.find().settings.environments)

FUNCTIONS: dict[str, type[Settings]] = {"sla_notifier": NotifierSettings, "sla_checker": CheckerSettings}


def statements(policy: str) -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(policy)["Statement"]}


@pytest.mark.parametrize("env", NAMES)
def test_no_block_is_empty(env: str) -> None:
    assert not [
        f"{kind}.{name}"
        for kind, all_of in alerting(env).items()
        for name, body in all_of.items()
        if empty_blocks(body)
    ]


def test_the_functions_find_in_their_variables_and_their_facts_what_they_need() -> None:
    for env in NAMES:
        for name, kind in FUNCTIONS.items():
            variables = alerting(env)["aws_lambda_function"][f"function_{name}"]["environment"]["variables"]
            assert read_settings(kind, variables).environment == env
            assert bool(read_settings(kind, variables).slack_secret) == (env == "prod")
        document = alerting(env)["aws_s3_object"]["object_watched"]["content"]
        found = parse_job_catalog(document)
        facts = read_facts(env)
        assert set(found.jobs) == {job.name for job in facts.jobs}
        job = found.job_of(names.glue_job(facts.env, "silver_to_gold"))
        assert (job.owner, job.retries, job.slack, job.email) == ("analytics", 2, "#retail-analytics", "")
        assert (
            found.max_age_days.items()
            >= {"gold.fact_behavior": 14, "gold.fact_orders": 2, "gold.fact_sales": 2}.items()
        )


def test_the_people_of_every_kind_of_pipeline_are_known_to_the_functions() -> None:
    found = parse_job_catalog(alerting("prod")["aws_s3_object"]["object_watched"]["content"]).jobs
    told = {
        name: (found[name].email, found[name].slack, found[name].retries)
        for name in ("kafka_to_lakebase", "traffic_data_clean")
    }
    assert told == {
        "kafka_to_lakebase": ("loyalty@company.com", "", 5),
        "traffic_data_clean": ("loyalty@company.com", "", 2),
    }
    channel = load_environment("prod").stack.alerts.slack_channel
    # As the loan pipelines write it, slack@… is the environment's own channel.
    assert (found["bronze_transform"].email, found["bronze_transform"].slack) == ("", channel)
    assert found["ingest_loan_applications"].email == "email@company.com"
    endpoints = {s["endpoint"] for s in alerting("prod")["aws_sns_topic_subscription"].values()}
    assert {"loyalty@company.com", "email@company.com"} <= endpoints
    assert "slack@company.com" not in endpoints


def test_the_age_of_what_a_stream_fills_is_not_judged_by_runs_that_never_end() -> None:
    facts = read_facts("prod")
    stated = {
        table
        for table, suite in facts.schemas.suites.items()
        if any(e.type == "expect_table_to_be_fresh" for e in suite.expectations)
    }
    streamed = {table for job in facts.jobs if job.continuous for table in job.writes}
    document = alerting("prod")["aws_s3_object"]["object_watched"]["content"]
    checked = set(parse_job_catalog(document).max_age_days)
    assert checked == {t for t in stated if t.startswith("gold.")} - streamed
    assert "gold.kafka_data" in streamed


def test_only_production_tells_of_successes() -> None:
    told = {
        env: alerting(env)["aws_lambda_function"]["function_sla_notifier"]["environment"]["variables"][
            "TELL_SUCCESS"
        ]
        for env in NAMES
    }
    assert told == {"local": "no", "dev": "no", "staging": "no", "prod": "yes"}


@pytest.mark.parametrize(
    ("stated", "email", "channel"),
    [
        ("email@company.com", "email@company.com", ""),
        ("slack@company.com", "", "#lakehouse-alerts"),
        ("#retail-analytics", "", "#retail-analytics"),
        ("slackers@company.com", "slackers@company.com", ""),
    ],
)
def test_a_row_names_an_address_the_channel_of_the_environment_or_a_channel(
    stated: str, email: str, channel: str
) -> None:
    assert job_catalog.address(read_facts("prod").env, stated) == (email, channel)


def test_functions_are_encrypted_traced_limited_and_leave_nothing_lost() -> None:
    resources = alerting("prod")
    for name in FUNCTIONS:
        made = resources["aws_lambda_function"][f"function_{name}"]
        assert (made["runtime"], made["handler"]) == ("python3.13", f"lambdas.{name}.handler.handler")
        assert made["tracing_config"] == {"mode": "Active"}
        assert made["kms_key_arn"] == "${aws_kms_key.key_platform.arn}"
        assert made["dead_letter_config"] == {"target_arn": "${aws_sqs_queue.queue_dead_letters.arn}"}
        assert made["reserved_concurrent_executions"] > 0
        logs = resources["aws_cloudwatch_log_group"][f"logs_{name}"]
        assert logs["name"] == f"/aws/lambda/{made['function_name']}"
        assert (logs["retention_in_days"], logs["kms_key_id"]) == (365, "${aws_kms_key.key_platform.arn}")
        assert {f"aws_cloudwatch_log_group.logs_{name}", f"aws_iam_role_policy.permissions_{name}"} <= set(
            made["depends_on"]
        )
    for made in resources["aws_cloudwatch_event_target"].values():
        assert made["dead_letter_config"] == {"arn": "${aws_sqs_queue.queue_dead_letters.arn}"}


def test_a_function_may_do_only_what_it_does() -> None:
    for env in NAMES:
        for name in FUNCTIONS:
            allowed = statements(alerting(env)["aws_iam_role_policy"][f"permissions_{name}"]["policy"])
            assert [sid for sid, s in allowed.items() if s["Resource"] == "*"] == ["AnyTrace"]
            actions = {
                a
                for s in allowed.values()
                for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])
            }
            assert not [action for action in actions if "*" in action]
            assert ("secretsmanager:GetSecretValue" in actions) == (env == "prod")
            assert allowed["Runs"]["Resource"].endswith(f":job/lakehouse-{env}-*")
            assert not [
                action for action in actions if action.startswith("glue:") and action != "glue:GetJobRuns"
            ]


def test_topic_and_queues_are_encrypted_and_refuse_what_is_not_tls() -> None:
    resources = alerting("prod")
    topics = resources["aws_sns_topic"]
    assert {topic["name"] for topic in topics.values()} == {"lakehouse-prod-alerts", "lakehouse-prod-owners"}
    assert {topic["kms_master_key_id"] for topic in topics.values()} == {"${aws_kms_key.key_messages.arn}"}
    policies = [made["policy"] for made in resources["aws_sns_topic_policy"].values()]
    for queue in resources["aws_sqs_queue"].values():
        assert queue["kms_master_key_id"] == "${aws_kms_key.key_messages.arn}"
        assert queue["message_retention_seconds"] == 14 * 86_400
        policies.append(queue["policy"])
    for policy in policies:
        found = statements(policy)
        assert found["OnlyTls"]["Effect"] == "Deny"
        assert found["OnlyTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        # What AWS sends, it sends for this account.
        assert all(
            s["Condition"]["StringEquals"] == {"aws:SourceAccount": "000000000003"}
            for s in found.values()
            if s["Effect"] == "Allow"
        )


def test_the_rules_hear_of_this_environments_jobs_alone_and_of_every_end() -> None:
    rules = alerting("dev")["aws_cloudwatch_event_rule"]
    ends = json.loads(rules["rule_run_ends"]["event_pattern"])
    assert ends["detail"] == {
        "jobName": [{"prefix": "lakehouse-dev-"}],
        "state": ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"],
    }
    assert json.loads(rules["rule_run_delays"]["event_pattern"])["detail-type"] == ["Glue Job Run Status"]
    for env, state in {"dev": "DISABLED", "prod": "ENABLED"}.items():
        check = alerting(env)["aws_cloudwatch_event_rule"]["rule_check"]
        assert (check["schedule_expression"], check["state"]) == ("rate(15 minutes)", state)


def test_every_rule_may_call_its_function_and_nobody_else_may() -> None:
    resources = alerting("prod")
    for name, target in resources["aws_cloudwatch_event_target"].items():
        permission = resources["aws_lambda_permission"][name.replace("target_", "invoke_")]
        assert permission["principal"] == "events.amazonaws.com"
        assert (
            permission["source_arn"]
            == f"${{aws_cloudwatch_event_rule.{name.replace('target_', 'rule_')}.arn}}"
        )
        assert permission["function_name"].split(".")[1] == target["arn"].split(".")[1]


@mock_aws
@pytest.mark.parametrize(
    ("to", "readers"),
    [
        ("retail-data@company.com", {"retail-data@company.com"}), ("slack", set()), ("platform", {"data-platform@company.com", "on-call@company.com"}),
    ],
)  # fmt: skip
def test_each_reader_of_the_owners_topic_gets_only_what_is_theirs(to: str, readers: set[str]) -> None:
    """The real filter policies, evaluated by moto: here a queue stands for each reader's mailbox."""
    here = {"region_name": "eu-central-1", "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    sns, sqs = boto3.client("sns", **here), boto3.client("sqs", **here)  # type: ignore[call-overload]
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    mailboxes = {}
    for name, made in alerting("prod")["aws_sns_topic_subscription"].items():
        if made["topic_arn"] != "${aws_sns_topic.topic_owners.arn}":
            continue
        assert made["protocol"] == "email"
        mailboxes[made["endpoint"]] = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:eu-central-1:123456789012:{name}"
        sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": made["filter_policy"]}
        )
    sns.publish(
        TopicArn=topic, Message="x", MessageAttributes={"to": {"DataType": "String", "StringValue": to}}
    )
    assert {
        email for email, url in mailboxes.items() if sqs.receive_message(QueueUrl=url).get("Messages")
    } == readers


def test_all_of_an_alert_goes_to_the_platforms_people() -> None:
    """No filter: SNS holds back a message without any attribute from whoever has one, and alarms have none."""
    readers = [
        s
        for s in alerting("prod")["aws_sns_topic_subscription"].values()
        if s["topic_arn"] == "${aws_sns_topic.topic_alerts.arn}"
    ]
    assert {reader["endpoint"] for reader in readers} == {"data-platform@company.com", "on-call@company.com"}
    assert not [reader for reader in readers if "filter_policy" in reader]


def test_a_changed_job_row_changes_the_facts_document_and_its_own_alarms_and_nothing_else() -> None:
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
