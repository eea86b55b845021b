"""A run's lineage with two inputs and two outputs, and the events that it writes."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.observability.lineage import Dataset, Engine, Lineage, LineageRun, Parent
from lakehouse.environments import Environment
from lakehouse.environments.names import Zone, bucket

ORDERS = Dataset(
    "bronze.snowflake_orders",
    [("order_id", "string"), ("amount", "decimal(18,4)")],
    rows=10,
    nulls={"amount": 2},
)


RATES = Dataset("s3://landing/fx/", rows=1)


SILVER = Dataset(
    "silver.orders",
    [("order_id", "string"), ("amount_usd", "decimal(18,4)")],
    {
        "order_id": [("bronze.snowflake_orders", "order_id")],
        "amount_usd": [("bronze.snowflake_orders", "amount"), ("s3://landing/fx/", "rate")],
    },
    rows=8,
    nulls={"amount_usd": 0},
)


TOPIC = Dataset("kafka://broker:9092/order_events", [("value", "binary")])


def a_run(env: Environment) -> Lineage:
    parent = Parent("retail", str(uuid.uuid4()))
    run = LineageRun(date(2017, 1, 31), parent, Engine("spark", "3.5.6"))
    return Lineage(env, "bronze_to_silver", str(uuid.uuid4()), run)


def events_of(env: Environment, run: Lineage) -> dict[str, dict[str, Any]]:
    s3, prefix = clients(env).s3, f"lineage/job=bronze_to_silver/run_id={run._run_id}/"
    listed = s3.list_objects_v2(Bucket=bucket(env, Zone.ARTIFACTS), Prefix=prefix).get("Contents", [])
    keys = [item["Key"] for item in listed]
    return {
        key.removeprefix(prefix): json.loads(
            s3.get_object(Bucket=bucket(env, Zone.ARTIFACTS), Key=key)["Body"].read()
        )
        for key in keys
    }
