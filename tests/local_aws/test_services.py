"""Each service answers through the client that the platform uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
import snowflake.connector
from confluent_kafka import Consumer, Producer
from snowflake.connector.pandas_tools import write_pandas

from lakehouse.environments import Environment, names

Client = Callable[[str], Any]
Secret = Callable[[str], dict[str, Any]]


def test_each_zone_has_its_bucket(local_env: Environment, client: Client) -> None:
    found = {bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]}
    assert {names.bucket(local_env, zone) for zone in names.Zone} <= found


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


def test_snowflake_result_of_several_chunks_arrives_whole_as_arrow(secret: Secret) -> None:
    with snowflake.connector.connect(**secret("snowflake")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE TABLE MANY AS SELECT SEQ8() AS ID, '2017-01-01'::TIMESTAMP_NTZ AS TS FROM TABLE(GENERATOR(ROWCOUNT => 250000))"
        )
        cursor.execute("SELECT ID, TS FROM MANY")
        batches = list(cursor.fetch_arrow_batches())
        assert sum(batch.num_rows for batch in batches) == 250_000
        assert len({value for batch in batches for value in batch.column("ID").to_pylist()}) == 250_000
        assert len(cursor.get_result_batches() or []) == 3


def test_snowflake_sessions_share_what_was_merged_and_copied(secret: Secret, tmp_path: Path) -> None:
    pd.DataFrame({"ID": [1, 2], "V": [1.5, 2.5]}).to_parquet(tmp_path / "part.parquet")
    with (
        snowflake.connector.connect(**secret("snowflake")) as one,
        snowflake.connector.connect(**secret("snowflake")) as other,
    ):
        writer, reader = one.cursor(), other.cursor()
        writer.execute("CREATE OR REPLACE TABLE ANALYTICS.GOLD.T (ID NUMBER, V FLOAT)")
        writer.execute("CREATE OR REPLACE STAGE ST")
        writer.execute(f"PUT file://{tmp_path}/part.parquet @ST AUTO_COMPRESS=FALSE")
        writer.execute(
            "COPY INTO ANALYTICS.GOLD.T FROM @ST FILES=('part.parquet') FILE_FORMAT=(TYPE=PARQUET) MATCH_BY_COLUMN_NAME=CASE_INSENSITIVE"
        )
        writer.execute("USE SCHEMA ANALYTICS.GOLD")
        write_pandas(one, pd.DataFrame({"ID": [3], "V": [3.5]}), "T")
        writer.execute(
            "MERGE INTO ANALYTICS.GOLD.T t USING (SELECT 1 AS ID, 9.5 AS V) s ON t.ID = s.ID "
            "WHEN MATCHED THEN UPDATE SET V = s.V WHEN NOT MATCHED THEN INSERT (ID, V) VALUES (s.ID, s.V)"
        )
        reader.execute("SELECT ID, V FROM ANALYTICS.GOLD.T ORDER BY ID")
        assert reader.fetchall() == [(1, 9.5), (2, 2.5), (3, 3.5)]


def test_snowflake_statement_it_cannot_do_fails_at_once(secret: Secret) -> None:
    with (
        snowflake.connector.connect(**secret("snowflake")) as connection,
        pytest.raises(snowflake.connector.errors.ProgrammingError),
    ):
        connection.cursor().execute("COPY INTO @ST FROM (SELECT 1 AS A) FILE_FORMAT=(TYPE=PARQUET)")


def test_snowflake_refuses_a_wrong_password(secret: Secret) -> None:
    with pytest.raises(snowflake.connector.errors.DatabaseError, match="Incorrect username or password"):
        snowflake.connector.connect(**{**secret("snowflake"), "password": "wrong"})


def test_postgres_has_the_source_and_the_publish_schema(secret: Secret) -> None:
    with psycopg.connect(**secret("redshift")) as connection:
        found = {
            name for (name,) in connection.execute("SELECT schema_name FROM information_schema.schemata")
        }
    assert {"public", "gold"} <= found


def test_postgres_refuses_a_wrong_password(secret: Secret) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**{**secret("redshift"), "password": "wrong"})


def test_kafka_gives_back_what_was_sent(secret: Secret) -> None:
    servers = secret("kafka")["bootstrap_servers"]
    producer = Producer({"bootstrap.servers": servers})
    producer.produce("probe", b"one,two")
    assert producer.flush(20) == 0
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "probe", "auto.offset.reset": "earliest"})
    consumer.subscribe(["probe"])
    message = consumer.poll(20)
    consumer.close()
    assert message is not None
    assert message.value() == b"one,two"
