"""Where gold is read is encrypted, limited and backed up."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lakehouse.environments import load_environment
from lakehouse.environments.systems import Connection
from lakehouse.project import Project

NAMES = tuple(Project.find().settings.environments)


@pytest.mark.parametrize("env", NAMES)
def test_a_query_that_would_scan_too_much_is_stopped_whatever_its_client_says(
    synthesized: Any, env: str
) -> None:
    workgroup = synthesized(env)["resource"]["aws_athena_workgroup"]["workgroup"]
    configuration = workgroup["configuration"]
    assert (
        configuration["bytes_scanned_cutoff_per_query"]
        == load_environment(env).stack.athena_scanned_gb * 2**30
    )
    assert configuration["enforce_workgroup_configuration"] is True
    assert configuration["publish_cloudwatch_metrics_enabled"] is True
    assert configuration["engine_version"] == {"selected_engine_version": "Athena engine version 3"}
    assert configuration["result_configuration"]["encryption_configuration"] == {
        "encryption_option": "SSE_KMS",
        "kms_key_arn": "${aws_kms_key.key_platform.arn}",
    }


@pytest.mark.parametrize("env", NAMES)
def test_the_lakebase_is_encrypted_logged_and_its_password_is_nowhere_here(
    synthesized: Any, env: str
) -> None:
    resources = synthesized(env)["resource"]
    cluster = resources["aws_rds_cluster"]["lakebase"]
    assert cluster["manage_master_user_password"] is True
    assert not {"master_password", "master_password_wo"} & set(cluster)
    assert cluster["storage_encrypted"] is True
    assert cluster["kms_key_id"] == "${aws_kms_key.key_curated.arn}"
    assert cluster["iam_database_authentication_enabled"] is True
    assert cluster["enabled_cloudwatch_logs_exports"] == ["postgresql"]
    for instance in resources["aws_rds_cluster_instance"].values():
        assert instance["publicly_accessible"] is False
        assert instance["performance_insights_kms_key_id"] == "${aws_kms_key.key_curated.arn}"
        assert instance["monitoring_interval"] == 60


def test_only_jobs_reach_the_lakebase_and_only_by_tls(synthesized: Any) -> None:
    resources = synthesized("prod")["resource"]
    rules = [
        r
        for r in resources["aws_vpc_security_group_ingress_rule"].values()
        if r["security_group_id"] == "${aws_security_group.group_lakebase.id}"
    ]
    assert [(r["referenced_security_group_id"], r["to_port"]) for r in rules] == [
        ("${aws_security_group.group_jobs.id}", 5432)
    ]
    parameters = {
        p["name"]: p["value"]
        for p in resources["aws_rds_cluster_parameter_group"]["parameters_lakebase"]["parameter"]
    }
    assert parameters["rds.force_ssl"] == "1"
    # A statement's parameters are rows, and rows do not belong into logs.
    assert parameters["log_parameter_max_length"] == parameters["log_parameter_max_length_on_error"] == "0"
    # Nor does the error of a statement, which quotes one.
    assert (parameters["log_min_messages"], parameters["log_error_verbosity"]) == ("log", "terse")


def test_dev_is_destroyed_clean_and_prod_refuses(synthesized: Any) -> None:
    dev, prod = (synthesized(env)["resource"]["aws_rds_cluster"]["lakebase"] for env in ("dev", "prod"))
    assert (dev["skip_final_snapshot"], dev["deletion_protection"]) == (True, False)
    assert (prod["skip_final_snapshot"], prod["deletion_protection"]) == (False, True)
    assert prod["final_snapshot_identifier"]
    assert prod["lifecycle"] == {"prevent_destroy": True}
    assert synthesized("dev")["resource"]["aws_athena_workgroup"]["workgroup"]["force_destroy"] is True


def test_size_and_readers_of_the_lakebase_are_facts(synthesized: Any) -> None:
    for env in NAMES:
        facts = load_environment(env).stack.lakebase
        resources = synthesized(env)["resource"]
        scaling = resources["aws_rds_cluster"]["lakebase"]["serverlessv2_scaling_configuration"]
        assert scaling == {"min_capacity": facts.min_capacity, "max_capacity": facts.max_capacity}
        assert len(resources["aws_rds_cluster_instance"]) == facts.instances


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_the_connection_to_the_lakebase_has_the_address_of_its_cluster(synthesized: Any, env: str) -> None:
    connection = synthesized(env)["resource"]["aws_glue_connection"]["connection_postgres"]
    properties = connection["connection_properties"]
    assert properties["JDBC_CONNECTION_URL"] == (
        "jdbc:postgresql://${aws_rds_cluster.lakebase.endpoint}:5432/lakebase"
    )
    assert properties["SECRET_ID"] == "${aws_secretsmanager_secret.secret_postgres.name}"


@pytest.mark.parametrize(
    ("connection", "fault"),
    [
        ({"kind": "JDBC", "secret": "redshift"}, "url is missing"),
        ({"kind": "JDBC", "secret": "postgres", "url": "jdbc:postgresql://other:5432/lake"}, "url is stated"),
    ],
)
def test_an_address_is_stated_once(connection: dict[str, str], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Connection.model_validate(connection)
