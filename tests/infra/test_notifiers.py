"""The functions, their permissions, and the events that call them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.facts import read_facts
from lakehouse.environments import names
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


def test_the_functions_read_their_settings_and_their_job_catalog() -> None:
    for env in NAMES:
        for name, kind in FUNCTIONS.items():
            variables = alerting(env)["aws_lambda_function"][f"function_{name}"]["environment"]["variables"]
            assert read_settings(kind, variables).environment == env
            assert bool(read_settings(kind, variables).slack_secret) == (env == "prod")
        document = alerting(env)["aws_s3_object"]["object_watched"]["content"]
        catalog = parse_job_catalog(document)
        facts = read_facts(env)
        assert set(catalog.jobs) == {job.name for job in facts.jobs}
        job = catalog.job_of(names.glue_job(facts.env, "silver_to_gold"))
        assert (job.owner, job.retries, job.slack, job.email) == ("analytics", 2, "#retail-analytics", "")
        assert (
            catalog.max_age_days.items()
            >= {"gold.fact_behavior": 14, "gold.fact_orders": 2, "gold.fact_sales": 2}.items()
        )


def test_only_production_notifies_of_successes() -> None:
    expected = {
        env: alerting(env)["aws_lambda_function"]["function_sla_notifier"]["environment"]["variables"][
            "TELL_SUCCESS"
        ]
        for env in NAMES
    }
    assert expected == {"local": "no", "dev": "no", "staging": "no", "prod": "yes"}


def test_functions_are_encrypted_traced_and_keep_failed_events() -> None:
    resources = alerting("prod")
    for name in FUNCTIONS:
        function = resources["aws_lambda_function"][f"function_{name}"]
        assert (function["runtime"], function["handler"]) == ("python3.13", f"lambdas.{name}.handler.handler")
        assert function["tracing_config"] == {"mode": "Active"}
        assert function["kms_key_arn"] == "${aws_kms_key.key_platform.arn}"
        assert function["dead_letter_config"] == {"target_arn": "${aws_sqs_queue.queue_dead_letters.arn}"}
        # A new account has ten concurrent runs, of which Lambda lets none be reserved.
        assert "reserved_concurrent_executions" not in function
        logs = resources["aws_cloudwatch_log_group"][f"logs_{name}"]
        assert logs["name"] == f"/aws/lambda/{function['function_name']}"
        assert (logs["retention_in_days"], logs["kms_key_id"]) == (365, "${aws_kms_key.key_platform.arn}")
        assert {f"aws_cloudwatch_log_group.logs_{name}", f"aws_iam_role_policy.permissions_{name}"} <= set(
            function["depends_on"]
        )
    for target in resources["aws_cloudwatch_event_target"].values():
        assert target["dead_letter_config"] == {"arn": "${aws_sqs_queue.queue_dead_letters.arn}"}


def test_the_permissions_of_functions_are_minimal() -> None:
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


def test_the_rules_match_every_end_of_this_environments_jobs() -> None:
    rules = alerting("dev")["aws_cloudwatch_event_rule"]
    ends = json.loads(rules["rule_run_ends"]["event_pattern"])
    assert ends["detail"] == {
        "jobName": [{"prefix": "lakehouse-dev-"}],
        "state": ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"],
    }
    assert json.loads(rules["rule_run_delays"]["event_pattern"])["detail-type"] == ["Glue Job Run Status"]
    for env, state in {"dev": "DISABLED", "prod": "ENABLED"}.items():
        check = alerting(env)["aws_cloudwatch_event_rule"]["rule_check"]
        assert (check["schedule_expression"], check["state"]) == ("rate(15 minutes)", state)


def test_every_rule_and_nobody_else_may_call_its_function() -> None:
    resources = alerting("prod")
    for name, target in resources["aws_cloudwatch_event_target"].items():
        permission = resources["aws_lambda_permission"][name.replace("target_", "invoke_")]
        assert permission["principal"] == "events.amazonaws.com"
        assert (
            permission["source_arn"]
            == f"${{aws_cloudwatch_event_rule.{name.replace('target_', 'rule_')}.arn}}"
        )
        assert permission["function_name"].split(".")[1] == target["arn"].split(".")[1]
