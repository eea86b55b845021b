"""The topic that a new stream reads, and the columns of its messages."""

from __future__ import annotations

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
from tests.cli.pipeline.pipeline_tree import Tree, error_text


def test_stream_takes_topic_and_columns_of_the_first_contract_of_a_topic(tree: Tree) -> None:
    tree.new("new_one", "streaming")
    (job,) = load_pipelines(tree.root)["new_one"].jobs
    contracts = load_schemas(tree.root).contracts
    source = contracts["bronze.new_one"].lake.source
    assert source == contracts["bronze.kafka_events"].lake.source
    assert source is not None
    assert next(p.value for p in job.params if p.name == "kafka_topic") == source.object
    assert contracts["bronze.new_one"].stored == contracts["bronze.kafka_events"].stored


@pytest.mark.parametrize(
    ("topic", "format_", "columns_of"),
    [("loan_events", "json_lines", "bronze.loan_events"), ("clicks", "json_lines", None)],
)
def test_stream_of_a_named_topic_has_the_columns_of_its_contract_or_an_example_s(
    tree: Tree, topic: str, format_: str, columns_of: str | None
) -> None:
    assert tree.new("new_one", "streaming", "--topic", topic).code == 0
    contracts = load_schemas(tree.root).contracts
    contract = contracts["bronze.new_one"]
    assert contract.lake.source is not None
    assert (contract.lake.source.object, contract.lake.source.format) == (topic, format_)
    if columns_of:
        assert contract.stored == contracts[columns_of].stored
    else:
        assert contract.column_names[:3] == ("event_id", "event_type", "event_ts")
    assert contract.lake.watermark_state_key == "new_one.offsets"


def test_stream_of_a_contract_with_other_names_of_the_position_is_sound(tree: Tree) -> None:
    assert tree.new("new_one", "streaming", "--topic", "traffic_events").code == 0
    assert "column_list: [topic, partition, offset]" in tree.read("schemas/bronze/new_one.dq.yml")
    whole = tree.lakehouse("validate", "--project", str(tree.root))
    assert (whole.code, whole.err) == (0, "")


@pytest.mark.parametrize(
    ("kind", "topic", "message"),
    [
        ("batch", "order_events", "--topic is for --kind streaming; --kind batch reads a table: --reads"),
        ("streaming", "order events", "'order events' is no name of a topic"),
        ("streaming", "..", "'..' is no name of a topic"),
        ("streaming", "t" * 250, "at most 249"),
    ],
)
def test_topic_that_cannot_be_read_is_refused(tree: Tree, kind: str, topic: str, message: str) -> None:
    before = tree.files()
    answer = tree.new("new_one", kind, "--topic", topic)
    assert answer.code == 2
    assert message in error_text(answer)
    assert tree.files() == before
