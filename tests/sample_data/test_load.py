"""Loads onto the local platform's real services."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import psycopg
import pytest
import snowflake.connector
from confluent_kafka import Consumer, TopicPartition

from lakehouse.environments import Environment, load_environment, names
from lakehouse.environments.names import Zone
from sample_data import Summary, load_sample
from sample_data.connections import client, secret

FIRST, SECOND = (date(2017, 1, 1), date(2017, 1, 7)), (date(2017, 1, 8), date(2017, 1, 14))
DIRT = 0.02


def sources(env: Environment) -> dict[str, Any]:
    """What the source systems hold, each row counted."""
    collected: dict[str, Any] = {}
    with snowflake.connector.connect(**secret(env, "snowflake")) as connection, connection.cursor() as cursor:
        for table in ("ORDERS", "CUSTOMERS", "PRODUCTS"):
            cursor.execute(f"SELECT * FROM RETAIL.PUBLIC.{table}")
            collected[table] = Counter(cursor.fetchall())
    with psycopg.connect(**secret(env, "redshift")) as redshift:
        collected["behavior"] = Counter(redshift.execute("SELECT * FROM public.behavior").fetchall())
    collected["files"] = files(env)
    collected["messages"] = Counter(messages(env))
    return collected


def files(env: Environment) -> dict[str, tuple[str, Any]]:
    pages = (
        client(env, "s3").get_paginator("list_objects_v2").paginate(Bucket=names.bucket(env, Zone.LANDING))
    )
    return {item["Key"]: (item["ETag"], item["LastModified"]) for page in pages for item in page["Contents"]}


def messages(env: Environment) -> list[tuple[bytes | None, bytes | None, int]]:
    consumer = Consumer({"bootstrap.servers": secret(env, "kafka")["bootstrap_servers"], "group.id": "test"})
    ends = {n: consumer.get_watermark_offsets(TopicPartition("order_events", n))[1] for n in range(3)}
    consumer.assign([TopicPartition("order_events", n, 0) for n in range(3)])
    actual = [consumer.poll(10) for _ in range(sum(ends.values()))]
    consumer.close()
    return [(m.key(), m.value(), m.timestamp()[1]) for m in actual if m is not None]


@pytest.fixture(scope="module")
def loaded(sample_env: Environment) -> tuple[Environment, Summary, dict[str, Any]]:
    summary = load_sample(sample_env, *FIRST, dirt=DIRT)
    return sample_env, summary, sources(sample_env)


def test_each_source_holds_the_clean_rows_and_the_dirt_that_the_summary_names(
    loaded: tuple[Environment, Summary, dict[str, Any]],
) -> None:
    _, summary, received = loaded
    stored = {
        "snowflake_orders": received["ORDERS"].total(),
        "snowflake_customers": received["CUSTOMERS"].total(),
        "snowflake_products": received["PRODUCTS"].total(),
        "redshift_behavior": received["behavior"].total(),
        "kafka_events": received["messages"].total(),
    }
    assert stored == {name: summary.rows[name] + summary.dirt_rows(name) for name in stored}
    assert summary.rows["snowflake_products"] == 92_331


def test_money_arrives_to_the_cent(loaded: tuple[Environment, Summary, dict[str, Any]], sql: Any) -> None:
    env, _, _ = loaded
    [(expected,)] = sql(
        "SELECT sum(CAST(round(sales_value, 2) AS DECIMAL(18,2))) FROM transactions "
        "WHERE transaction_timestamp < '2017-01-08'"
    )
    with snowflake.connector.connect(**secret(env, "snowflake")) as connection:
        rows = connection.cursor().execute(
            "SELECT DISTINCT ORDER_ID, LINE_NUMBER, AMOUNT FROM RETAIL.PUBLIC.ORDERS "
            "WHERE ORDER_ID < 900000000000 AND UPDATED_AT > ORDER_TS AND AMOUNT IS NOT NULL"
        )
        assert sum(row[2] for row in rows.fetchall()) == expected  # type: ignore[union-attr]


def test_the_same_range_again_changes_nothing(loaded: tuple[Environment, Summary, dict[str, Any]]) -> None:
    env, summary, received = loaded
    assert load_sample(env, *FIRST, dirt=DIRT) == summary
    assert sources(env) == received


def test_the_next_range_is_added(loaded: tuple[Environment, Summary, dict[str, Any]]) -> None:
    env, _, received = loaded
    summary = load_sample(env, *SECOND, dirt=DIRT)
    after = sources(env)
    assert received["ORDERS"] < after["ORDERS"]
    assert received["behavior"] < after["behavior"]
    assert received["messages"] < after["messages"]
    assert received["files"].items() < after["files"].items()
    assert after["ORDERS"].total() - received["ORDERS"].total() == summary.rows[
        "snowflake_orders"
    ] + summary.dirt_rows("snowflake_orders")
    assert load_sample(env, *FIRST, dirt=DIRT).rows["snowflake_customers"] == 2469
    assert sources(env) == after


def test_only_the_local_environment_is_filled() -> None:
    with pytest.raises(ValueError, match="not for 'dev'"):
        load_sample(load_environment("dev"), *FIRST)


@pytest.mark.parametrize(
    ("start", "end", "dirt"), [(SECOND[0], FIRST[0], 0.0), (*FIRST, -0.1), (*FIRST, 1.5)]
)
def test_a_range_or_share_that_is_none_is_refused(start: date, end: date, dirt: float) -> None:
    with pytest.raises(ValueError, match=r"before it starts|not a share"):
        load_sample(load_environment("local"), start, end, dirt)
