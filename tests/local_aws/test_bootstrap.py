"""The embedded AWS of a new platform answers through boto3, and holds the resources of the jobs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakehouse.environments import Environment, load_environment, names
from local_aws import bootstrap
from local_aws.files import platform_files, read_json
from local_aws.local_platform import LocalPlatform

Client = Callable[[str], Any]
Secret = Callable[[str], dict[str, Any]]


def test_each_zone_has_its_bucket(local_env: Environment, client: Client) -> None:
    buckets = {bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]}
    assert {names.bucket(local_env, zone) for zone in names.Zone} <= buckets


def test_control_tables_take_a_conditional_put_only_once(local_env: Environment, client: Client) -> None:
    dynamodb = client("dynamodb")
    put = {
        "TableName": names.control_table(local_env, names.Control.LEASES),
        "Item": {"pk": {"S": "x"}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    dynamodb.put_item(**put)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(**put)


def test_catalog_parameters_metrics_and_logs_answer(local_env: Environment, client: Client) -> None:
    client("glue").create_database(DatabaseInput={"Name": "probe"})
    client("ssm").put_parameter(Name="/probe", Value="1", Type="String")
    client("cloudwatch").put_metric_data(
        Namespace=names.metrics_namespace(local_env), MetricData=[{"MetricName": "rows", "Value": 1.0}]
    )
    client("logs").create_log_group(logGroupName="probe")
    assert client("glue").get_database(Name="probe")["Database"]["Name"] == "probe"
    assert client("ssm").get_parameter(Name="/probe")["Parameter"]["Value"] == "1"
    assert client("cloudwatch").list_metrics(Namespace=names.metrics_namespace(local_env))["Metrics"]
    assert client("logs").describe_log_groups(logGroupNamePrefix="probe")["logGroups"]
    assert any(
        topic["TopicArn"].endswith(names.alert_topic(local_env))
        for topic in client("sns").list_topics()["Topics"]
    )


def test_key_for_personal_data_is_32_random_bytes(secret: Secret) -> None:
    assert len(bytes.fromhex(secret("pii_key")["key"])) == 32


def test_a_missing_secret_leaves_the_others_filled(tmp_path: Path) -> None:
    platform = LocalPlatform.start(
        load_environment("local"), tmp_path, only=["aws", "postgres"], empty_account=True
    )
    try:
        overlay = json.loads(platform.overlay.read_text())["aws"]
        env = load_environment("local")
        env = env.model_copy(update={"aws": env.aws.model_copy(update=overlay)})
        manager = bootstrap.session_client(env, "secretsmanager", overlay["endpoint"], overlay["access_key"])
        for name in ("postgres", "pii_key"):
            manager.create_secret(Name=names.secret(env, name))
        with pytest.raises(ClientError, match="ResourceNotFound"):
            bootstrap.fill_secrets(env, tmp_path)
        values = read_json(platform_files(tmp_path).secrets) or {}
        for name in ("postgres", "pii_key"):
            assert (
                json.loads(manager.get_secret_value(SecretId=names.secret(env, name))["SecretString"])
                == values[name]
            )
    finally:
        platform.stop()
