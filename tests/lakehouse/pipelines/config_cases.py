"""Two sound config.json files, the SQL that they name, and single faults of them."""

from __future__ import annotations

from typing import Any

BATCH: dict[str, Any] = {
    "pipeline_name": "Traffic Data ETL Pipeline",
    "pipeline_type": "batch",
    "description": "From bronze to gold",
    "execution_sequence": [
        {"step": 0, "task_name": "setup_databases", "sql_file": "sql/setup.sql"},
        {"step": 1, "task_name": "clean", "sql_file": "sql/clean.sql"},
        {"step": 1, "task_name": "summary", "sql_file": "sql/summary.sql"},
        {
            "step": 2,
            "task_name": "enriched",
            "sql_file": "sql/enriched.sql",
            "depends_on": ["clean", "summary"],
        },
    ],
    "notification_email": "loyalty@company.com",
    "max_concurrent_runs": 2,
    "parameters": {"days": 30, "since": "{{ today() - 7 }}"},
}
STREAM: dict[str, Any] = {
    "pipeline_name": "Kafka to Lakebase Streaming",
    "pipeline_type": "streaming",
    "tasks": [
        {"task_name": "ingestion", "table": "gold_db.kafka_data"},
        {"task_name": "stats", "sql_file": "sql/stats.sql"},
    ],
    "job_cluster": {"workers": 4, "worker_type": "G.2X"},
    "kafka_source": {"topic": "traffic_events", "max_offsets_per_trigger": 1000},
    "postgres_connection": {"secret": "postgres"},
    "notification_email": "loyalty@company.com",
}
FILES = {
    "sql/setup.sql": "CREATE DATABASE IF NOT EXISTS silver_db; CREATE DATABASE IF NOT EXISTS gold_db",
    "sql/clean.sql": "CREATE OR REPLACE TABLE silver_db.clean AS SELECT :days AS days, :since AS since",
    "sql/summary.sql": "CREATE OR REPLACE TABLE silver_db.summary AS SELECT 1 AS one",
    "sql/enriched.sql": "CREATE OR REPLACE TABLE gold_db.enriched AS SELECT * "
    "FROM silver_db.clean JOIN silver_db.summary",
    "sql/stats.sql": "CREATE TABLE gold_db.stats AS SELECT customer_id, count(*) AS n "
    "FROM STREAM(gold_db.kafka_data) GROUP BY customer_id",
}


def changed(config: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A config with other values of some keys; a key whose value is None is left out."""
    return {k: v for k, v in {**config, **keys}.items() if v is not None}


def stepped(i: int, **keys: Any) -> dict[str, Any]:
    """The batch pipeline with other values in step `i` of its sequence."""
    steps = [dict(s) for s in BATCH["execution_sequence"]]
    steps[i] |= keys
    return changed(BATCH, execution_sequence=steps)


def parameters(since: str, days: int = 1, **more: int) -> dict[str, Any]:
    """The batch pipeline with these parameters."""
    return changed(BATCH, parameters={"days": days, "since": since, **more})


# What config.json holds → code of the fault, part of its message.
CASES: dict[str, tuple[Any, str, str]] = {
    "both kinds": (
        changed(BATCH, tasks=STREAM["tasks"]),
        "LK320",
        "config.json has both tasks and execution_sequence",
    ),
    "neither kind": (
        changed(BATCH, execution_sequence=None),
        "LK320",
        "config.json has neither tasks nor execution_sequence",
    ),
    "a list": ([1], "LK320", "has neither"),
    "a name of another type": (
        changed(BATCH, pipeline_type="streaming_to_postgres"),
        "LK320",
        "pipeline_type is 'streaming_to_postgres'",
    ),
    "a type that only begins like one": (changed(BATCH, pipeline_type="batches"), "LK103", "pipeline_type"),
    "another type than it says": (
        changed(BATCH, pipeline_type="streaming"),
        "LK320",
        "pipeline_type is 'streaming'",
    ),
    "an unknown key": (
        changed(BATCH, notifikation_email="x@y.zz"),
        "LK101",
        "unknown key 'notifikation_email'",
    ),
    "a missing key": (changed(BATCH, pipeline_name=None), "LK102", "key 'pipeline_name' is missing"),
    "a wrong type": (changed(BATCH, max_concurrent_runs="two"), "LK103", "max_concurrent_runs = 'two'"),
    "no steps": (changed(BATCH, execution_sequence=[]), "LK103", "execution_sequence = []"),
    "no step 0": (stepped(0, step=1), "LK103", "no task is of step 0"),
    "a step 0 that waits": (stepped(0, depends_on=["clean"]), "LK103", "is of step 0 and waits"),
    "an unknown task": (stepped(3, depends_on=["cleen"]), "LK310", "depends_on names 'cleen'"),
    "a task twice": (stepped(2, task_name="clean"), "LK305", "task_name 'clean' stands twice"),
    "a circle": (stepped(1, depends_on=["enriched"]), "LK311", "jobs wait for one another"),
    "an unknown SQL file": (stepped(1, sql_file="sql/cleen.sql"), "LK308", "'sql/cleen.sql' does not exist"),
    "a path that leaves the folder": (
        stepped(1, sql_file="../traffic/../../x.sql"),
        "LK309",
        "leaves the pipeline's folder",
    ),
    "an absolute path": (stepped(1, sql_file="/etc/x.sql"), "LK103", "sql_file = '/etc/x.sql'"),
    "a bad address": (changed(BATCH, notification_email="nobody"), "LK303", "'nobody' is no address"),
    "a bad schedule": (changed(BATCH, schedule="0 25 * * *"), "LK303", "hour 25"),
    "a parameter that is injected": (parameters("{{ __import__('os') }}", days=30), "LK304", "no call"),
    "a secret in a parameter": (parameters("{{ secret('x') }}"), "LK307", "not marked secure"),
    "a parameter with no name": (parameters("x", **{"a b": 1}), "LK303", "parameter 'a b' is no name"),
    "a stream without topic": (changed(STREAM, kafka_source=None), "LK102", "key 'kafka_source' is missing"),
    "a task with table and file": (
        changed(STREAM, tasks=[{"task_name": "a", "table": "gold.x", "sql_file": "sql/stats.sql"}]),
        "LK103",
        "a table and a sql_file",
    ),
    "a table of no layer": (
        changed(STREAM, tasks=[{"task_name": "a", "table": "golden.x"}]),
        "LK103",
        "no table of a layer",
    ),
    "the platform's own parameter": (
        changed(STREAM, parameters={"kafka_topic": "x"}),
        "LK305",
        "the platform's own",
    ),
    "nested 100,000 deep": ("[" * 100_000 + "]" * 100_000, "LK004", "nested"),
    "no JSON": ('{"tasks": [}', "LK002", "is not JSON"),
    "a key twice": ('{"tasks": [], "tasks": []}', "LK005", "'tasks' stands twice"),
}
