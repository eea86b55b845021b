"""A pipeline in one file that follows a topic and publishes to both warehouses, and what arrives there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.project.second_project import SecondProject

PIPELINE, STREAM = "usage_out", "lamps"
PUBLISHES = ("usage_to_redshift", "usage_to_snowflake")
GRAPH = """title: Lamps in, usage out
owner: riverside_team
notification_email: riverside@example.com
schedule: 0 5 * * *
kafka_source: {topic: lamp_events}
jobs:
  lamps: {stream: [bronze.lamp_events]}
  usage_to_redshift: {publish: [gold.daily_usage], warehouse: redshift, connection: redshift}
  usage_to_snowflake: {publish: [gold.daily_usage], warehouse: snowflake, connection: snowflake}
"""
_PUBLISHED = """
import json
from glue_jobs.connections.{warehouse} import {warehouse}
from glue_jobs.observability.secrets import Secrets
from glue_jobs.warehouses.{warehouse} import {kind}Warehouse
from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.environments import load_environment

env = load_environment("local")
with {warehouse}(env, Secrets(env), error=WarehouseError, code="RUN401") as connection:
    cursor = connection.cursor()
    table = {kind}Warehouse.schema + ".daily_usage"
    cursor.execute("SELECT meter_id, usage_date, kwh FROM " + table + " ORDER BY 1, 2")
    print(json.dumps([[str(value) for value in row] for row in cursor.fetchall()]))
"""


def add_usage_out(root: Path) -> None:
    """The pipeline, and the contract of its topic, which is that of the events of doors."""
    for ending in ("schema.json", "dq.yml"):
        text = (root / f"schemas/bronze/door_events.{ending}").read_text(encoding="utf-8")
        lamps = text.replace("door_events", "lamp_events")
        (root / f"schemas/bronze/lamp_events.{ending}").write_text(lamps, encoding="utf-8")
    (root / "pipelines" / PIPELINE).mkdir()
    (root / "pipelines" / PIPELINE / "pipeline.yml").write_text(GRAPH, encoding="utf-8")


def published(project: SecondProject, warehouse: str) -> list[Any]:
    """Meter, day and energy of each row of the warehouse, as texts."""
    script = _PUBLISHED.format(warehouse=warehouse, kind=warehouse.capitalize())
    rows: list[Any] = json.loads(project.script(script))
    return rows
