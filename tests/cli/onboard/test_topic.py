"""The newest messages of a topic become a table: a stream of objects or changes, or batches of CSV."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pyspark.sql import SparkSession

from cli.onboard.origins import Request, read_origin
from cli.run.outcome import Outcome
from cli.run.request import JobsRequest
from cli.run.waves import run_jobs
from glue_jobs.observability.secrets import Secrets
from glue_jobs.sources.kafka_offsets import client_settings
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.pipelines.graph import ordered
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.reading.faults import Collector
from tests.cli.calls import Call
from tests.cli.onboard.remote import TABLE, contract_of, onboard
from tests.cli.onboard.stored import stored_rows, written_contract
from tests.cli.pipeline.pipeline_tree import Tree
from tests.glue_jobs import delta_rs
from tests.glue_jobs.sources.systems import unique


class Topic:
    def __init__(self, env: Environment) -> None:
        self.name = unique("onboard")
        self._client = client_settings(Secrets(env).get("kafka")).client
        admin = AdminClient(self._client)
        admin.create_topics([NewTopic(self.name, num_partitions=2, replication_factor=1)])[self.name].result(
            20
        )

    def send(self, *messages: tuple[object, object]) -> None:
        """Keys and values: objects of JSON, texts as they are, None for neither."""
        producer = Producer(self._client)
        for number, pair in enumerate(messages):
            key, value = (o if o is None or isinstance(o, str) else json.dumps(o) for o in pair)
            producer.produce(self.name, key=key, value=value, partition=number % 2)
        assert producer.flush(20) == 0


@pytest.fixture
def topic(local_env: Environment) -> Topic:
    return Topic(local_env)


def test_objects_of_a_topic_become_a_stream_that_runs(
    lakehouse: Call, tree: Tree, topic: Topic, local_env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_LOGS", str(tree.root / "logs"))
    topic.send(*[(None, {"event": f"e{n}", "user": {"name": "Ann"}, "amount": 1.25}) for n in range(4)])
    topic.send((None, "broken"), (None, None))
    answer = onboard(lakehouse, tree, f"topic:{topic.name}", "--env", "local")
    contract = contract_of(answer, lakehouse, tree)
    assert contract["source"] == {"kind": "kafka", "object": topic.name, "format": "json_lines"}
    assert contract["key"] == ["kafka_topic", "kafka_partition", "kafka_offset"]
    assert contract["columns"]["amount"].startswith("decimal(18,2) ")
    assert "1 records of the messages are broken" in answer.out
    pipeline = (tree.root / "pipelines/people_of_origin/pipeline.yml").read_text()
    assert f"topic: {topic.name}" in pipeline
    assert "people_of_origin_stream: {stream: [bronze.people_of_origin]}" in pipeline
    outcomes = run_pipeline(tree.root, local_env)
    assert [(o.job, o.status, o.error) for o in outcomes] == [
        ("people_of_origin_stream", "done", ""),
        ("people_of_origin_gate", "done", ""),
    ]
    stored = delta_rs.rows(local_env, names.table_uri(local_env, TABLE), "event", "user", "amount")
    assert stored == [(f"e{n}", '{"name":"Ann"}', Decimal("1.25")) for n in range(4)]


def run_pipeline(root: Path, env: Environment) -> list[Outcome]:
    """Runs the pipeline.yml that onboard wrote."""
    jobs = ordered(read_pipelines(Collector(root))["people_of_origin"].jobs)
    return run_jobs(env, jobs, load_schemas(root), JobsRequest(date(2017, 1, 31)), quiet=True)


@pytest.mark.parametrize("with_schema", [True, False])
def test_changes_of_a_database_are_recognised_with_the_key_of_their_messages(
    lakehouse: Call, tree: Tree, topic: Topic, with_schema: bool
) -> None:
    def change(op: str, before: Any, after: Any) -> dict[str, Any]:
        envelope = {"op": op, "before": before, "after": after, "ts_ms": 1_485_856_800_000}
        return {"schema": {"type": "struct"}, "payload": envelope} if with_schema else envelope

    row = {"code": "x", "member": 7, "email": "a@b.ch"}
    key = {"schema": {}, "payload": {"member": 7}} if with_schema else {"member": 7}
    topic.send(
        (key, change("c", None, row)),
        (key, change("u", row, {**row, "code": "y"})),
        (key, change("d", row, None)),
        (key, None),
    )
    contract = contract_of(onboard(lakehouse, tree, f"topic:{topic.name}", "--env", "local"), lakehouse, tree)
    assert contract["source"]["format"] == "cdc"
    words = {key: contract[key] for key in ("write", "sequence", "delete_flag")}
    assert words == {"write": "merge", "sequence": "changed_at", "delete_flag": "is_deleted"}
    assert contract["columns"]["member"].startswith("bigint key ")
    assert "source=cdc:ts_ms" in contract["columns"]["changed_at"]


def test_messages_of_csv_are_read_in_batches(
    spark: SparkSession, local_env: Environment, lakehouse: Call, tree: Tree, topic: Topic, tmp_path: Path
) -> None:
    topic.send((None, "1,Ann,1.50"), (None, "2,Bob,2.25"))
    contract = contract_of(onboard(lakehouse, tree, f"topic:{topic.name}", "--env", "local"), lakehouse, tree)
    assert contract["source"]["format"] == "csv"
    assert "ingest:" in (tree.root / "pipelines/people_of_origin/pipeline.yml").read_text()
    origin, sample = read_origin(Request((f"topic:{topic.name}",), TABLE, None, "local", None))
    rows = stored_rows(spark, local_env, written_contract(sample, origin, tmp_path))
    assert sorted(row[:3] for row in rows) == [(1, "Ann", Decimal("1.50")), (2, "Bob", Decimal("2.25"))]


def test_without_keys_of_messages_the_key_is_what_tells_created_rows_apart(topic: Topic) -> None:
    first, second = ({"member": n, "level": "a"} for n in (1, 2))
    changes = [("c", None, first), ("c", None, second), ("u", first, {**first, "level": "b"})]
    topic.send(*[(None, {"op": op, "before": b, "after": a, "ts_ms": 0}) for op, b, a in changes])
    _, sample = read_origin(Request((f"topic:{topic.name}",), TABLE, None, "local", None))
    assert sample.key == ("member",)
    assert "the key member is a guess" in sample.doubts[0]


def test_no_more_messages_are_read_than_asked_for_and_the_newest_of_them(topic: Topic) -> None:
    topic.send(*[(None, {"n": n}) for n in range(20)])
    _, sample = read_origin(Request((f"topic:{topic.name}",), TABLE, None, "local", 4))
    assert sorted(row[0] or "" for row in sample.rows) == ["16", "17", "18", "19"]
    assert not sample.whole
