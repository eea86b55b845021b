"""Airflow is private, logged, and may start and watch this environment's jobs, nothing more."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from lakehouse.environments.stack import Airflow
from lakehouse.project import Project, project_root
from tests.infra.iam import Policies

NAMES = tuple(Project.find().settings.environments)

DAGS = project_root() / "mwaa_dags"
VERSIONS = get_args(Airflow.model_fields["version"].annotation)


@pytest.fixture
def may(synthesized: Any) -> Any:
    """May Airflow's role of prod do this to that?"""
    policy = json.loads(synthesized("prod")["resource"]["aws_iam_role_policy"]["role_policy_mwaa"]["policy"])
    return Policies((policy,)).allow


@pytest.mark.parametrize("env", NAMES)
def test_the_web_server_is_private_and_every_kind_of_log_is_kept_encrypted(
    synthesized: Any, env: str
) -> None:
    resources = synthesized(env)["resource"]
    airflow = resources["aws_mwaa_environment"]["airflow"]
    assert airflow["webserver_access_mode"] == "PRIVATE_ONLY"
    assert airflow["kms_key"] == "${aws_kms_key.key_platform.arn}"
    assert len(airflow["network_configuration"]["subnet_ids"]) == 2
    kinds = {"dag_processing_logs", "scheduler_logs", "task_logs", "webserver_logs", "worker_logs"}
    assert set(airflow["logging_configuration"]) == kinds
    assert all(
        log["enabled"] is True and log["log_level"] in {"INFO", "WARNING"}
        for log in airflow["logging_configuration"].values()
    )
    groups = [
        g
        for name, g in resources["aws_cloudwatch_log_group"].items()
        if name.startswith("log_group_airflow_")
    ]
    suffixes = {g["name"].removeprefix(f"airflow-{airflow['name']}-") for g in groups}
    # MWAA's own spelling: with another one it would make a group of its own, without retention.
    assert suffixes == {"DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"}
    assert all(g["retention_in_days"] and g["kms_key_id"] for g in groups)


def test_requirements_and_startup_script_are_pinned_to_the_version_that_was_uploaded(
    synthesized: Any,
) -> None:
    airflow = synthesized("prod")["resource"]["aws_mwaa_environment"]["airflow"]
    assert airflow["requirements_s3_path"]
    assert airflow["startup_script_s3_path"]
    assert airflow["requirements_s3_object_version"]
    assert airflow["startup_script_s3_object_version"]
    assert airflow["airflow_version"] == "3.2.1"
    assert airflow["airflow_configuration_options"]["lakehouse.env"] == "prod"


def test_airflow_is_made_after_its_dags_are_there(synthesized: Any) -> None:
    airflow = synthesized("prod")["resource"]["aws_mwaa_environment"]["airflow"]
    assert "terraform_data.dags" in airflow["depends_on"]


def test_airflow_starts_watches_and_stops_jobs_of_its_environment_only(may: Any) -> None:
    job_arn = "arn:aws:glue:eu-central-1:000000000003:job/lakehouse-prod-bronze_to_silver"
    other = job_arn.replace("lakehouse-prod", "lakehouse-dev")
    for action in ("StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun", "GetJob"):
        assert may(f"glue:{action}", job_arn), action
        assert not may(f"glue:{action}", other), action


def test_airflow_can_neither_create_nor_change_a_job_nor_lend_it_a_role(may: Any) -> None:
    job = "arn:aws:glue:eu-central-1:000000000003:job/lakehouse-prod-bronze_to_silver"
    for action in (
        "CreateJob",
        "UpdateJob",
        "DeleteJob",
        "UpdateJobFromSourceControl",
        "CreateTrigger",
        "TagResource",
    ):
        assert not may(f"glue:{action}", job), action
    assert not may("iam:PassRole", "arn:aws:iam::000000000003:role/lakehouse-prod-job-bronze_to_silver")


def test_airflow_reads_its_folder_and_no_table(may: Any) -> None:
    artifacts = "arn:aws:s3:::lakehouse-prod-artifacts-000000000003"
    assert may("s3:GetObject", f"{artifacts}/airflow/dags/lakehouse.py")
    assert may("s3:ListBucket", artifacts)
    for denied in (
        f"{artifacts}/dq_results/silver/x.json",
        "arn:aws:s3:::lakehouse-prod-gold-000000000003/dim_customer/x.parquet",
    ):
        assert not may("s3:GetObject", denied), denied
    assert not may("s3:PutObject", f"{artifacts}/airflow/dags/lakehouse.py")
    assert not may(
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:eu-central-1:000000000003:secret:lakehouse/prod/snowflake",
    )


def test_only_mwaa_itself_for_this_environment_takes_the_role_on(synthesized: Any) -> None:
    (trust,) = json.loads(synthesized("prod")["resource"]["aws_iam_role"]["role_mwaa"]["assume_role_policy"])[
        "Statement"
    ]
    assert trust["Principal"] == {"Service": ["airflow.amazonaws.com", "airflow-env.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "000000000003"},
        "ArnLike": {"aws:SourceArn": "arn:aws:airflow:eu-central-1:000000000003:environment/lakehouse-prod"},
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_each_pin_is_what_the_image_of_that_airflow_holds(version: str) -> None:
    """Private subnets reach no package index, so what is not in the image cannot be installed."""
    constraints = dict(
        line.split("==")
        for line in (DAGS / f"constraints-{version}.txt").read_text().splitlines()
        if "==" in line
    )
    lines = [
        line
        for line in (DAGS / f"requirements-{version}.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert lines[:2] == [f'--constraint "/usr/local/airflow/dags/constraints-{version}.txt"', "--no-index"]
    assert len(lines) > 2
    for line in lines[2:]:
        name, pin = line.split("==")
        assert constraints[name] == pin
