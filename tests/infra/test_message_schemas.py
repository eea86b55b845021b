"""The registry holds one schema per topic, which every reader of the topic accepts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from glue_jobs.sources.kafka import MESSAGE_COLUMNS as PLACE_OF_A_MESSAGE
from infra.facts import read_facts
from lakehouse.contracts import catalog as shapes
from tests.glue_jobs.builders import contract
from tests.infra.job_parts import job_stack

FACTS = read_facts("prod")


CONTRACTS = FACTS.schemas.on_lake


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    resources: dict[str, Any] = job_stack("prod")["resource"]
    return resources


def test_a_streamed_contract_is_in_the_registry_and_an_old_reader_can_read_on(prod: dict[str, Any]) -> None:
    schema = by_topic(prod)["order_events"]
    assert (schema["data_format"], schema["compatibility"]) == ("JSON", "BACKWARD")
    schema_document = json.loads(schema["schema_definition"])
    Draft7Validator.check_schema(schema_document)
    assert list(schema_document["properties"])[:3] == ["event_id", "order_id", "customer_id"]
    assert not set(schema_document["properties"]) & set(shapes.PLACE)
    message = {
        "event_id": "e1",
        "order_id": 1,
        "customer_id": 2,
        "store_id": 3,
        "event_type": "order_placed",
        "line_count": 1,
        "total_amount": 9.5,
        "currency": "USD",
        "event_ts": "2017-01-01T00:00:00Z",
        "new_field": 1,
    }
    assert Draft7Validator(schema_document).is_valid(message)
    assert not Draft7Validator(schema_document).is_valid({**message, "order_id": "one"})


def by_topic(prod: dict[str, Any]) -> dict[str, Any]:
    return {schema["schema_name"]: schema for schema in prod["aws_glue_schema"].values()}


def test_each_topic_that_is_read_has_one_schema_however_many_read_it(prod: dict[str, Any]) -> None:
    named = [p.value for job in FACTS.jobs for p in job.params if p.name == "kafka_topic"]
    assert len(prod["aws_glue_schema"]) == len(by_topic(prod))
    assert set(by_topic(prod)) == {*named, "order_events"}
    assert named.count("traffic_events") == 2


def test_a_message_of_a_topic_that_two_tables_are_read_from_is_taken_by_both_or_refused(
    prod: dict[str, Any],
) -> None:
    """One of them is of the Lakebase, the other has columns for a message's place, which no message holds."""
    schema_document = json.loads(by_topic(prod)["traffic_events"]["schema_definition"])
    Draft7Validator.check_schema(schema_document)
    assert not {"topic", "partition", "offset", "timestamp"} & set(schema_document["properties"])
    message = {
        "event_id": "T-31198570047-1",
        "customer_id": 900,
        "session_id": "S-31198570047",
        "product_id": 9878513,
        "store_id": 330,
        "event_type": "product_view",
        "page_url": "https://shop.example/products/9878513",
        "referrer": "search_engine",
        "device": "mobile",
        "country": "DE",
        "city": "Hamburg",
        "latitude": 53.55,
        "longitude": 9.99,
        "event_ts": "2017-01-01T11:49:54.891Z",
        "duration_ms": 113380,
        "amount": None,
    }
    assert Draft7Validator(schema_document).is_valid(message)
    read = [
        c
        for c in FACTS.schemas.contracts.values()
        if c.lake.source and c.lake.source.object == "traffic_events"
    ]
    assert {c.table for c in read} == {"bronze.kafka_data_bronze", "gold.kafka_data"}
    for wrong in ({**message, "customer_id": "one"}, {k: v for k, v in message.items() if k != "event_id"}):
        assert not Draft7Validator(schema_document).is_valid(wrong)
        assert not all(Draft7Validator(shapes.message_schema(c)).is_valid(wrong) for c in read)


def test_two_contracts_that_differ_are_both_kept() -> None:
    source = {"kind": "kafka", "object": "t", "format": "json_lines", "system": "x"}
    one = contract(
        "bronze.one",
        {"id": {"type": "integer"}, "a": {"type": "integer", "minimum": 5}},
        source=source,
        sequence="id",
    )
    other = contract(
        "bronze.other",
        {"id": {"type": "integer"}, "a": {"type": "integer", "maximum": 7}, "b": {"type": "string"}},
        source=source,
        sequence="id",
    )
    both = shapes.topic_schema([one, other])
    Draft7Validator.check_schema(both)
    taken = [n for n in range(10) if Draft7Validator(both).is_valid({"id": 1, "a": n, "b": "x"})]
    assert taken == [5, 6, 7]
    assert not Draft7Validator(both).is_valid({"id": 1, "a": 6})


def test_a_topic_of_changes_has_the_schema_of_their_envelopes() -> None:
    source = {"kind": "kafka", "object": "t", "format": "cdc", "system": "x"}
    columns = {
        "id": {"type": "integer"},
        "value": {"type": "string"},
        "gone": {"type": "boolean"},
        "at": {"type": "integer", "x-lake": {"source": "cdc:ts_ms"}},
    }
    of = contract("bronze.changed", columns, source=source, sequence="at", delete_flag="gone", write="merge")
    schema_document = shapes.topic_schema([of])
    Draft7Validator.check_schema(schema_document)
    judge = Draft7Validator(schema_document)
    row = {"id": 1, "value": "v"}
    assert all(
        judge.is_valid(m)
        for m in (
            {"op": "c", "before": None, "after": row, "ts_ms": 1},
            {"op": "d", "before": {"id": 1}, "after": None, "ts_ms": 1},
        )
    )
    assert not any(
        judge.is_valid(m)
        for m in (
            {"op": "x", "after": row},
            {"op": "u", "after": {"id": 1}},
            {"op": "c", "after": {**row, "id": "1"}},
        )
    )


def test_the_place_of_a_message_is_what_its_reader_adds() -> None:
    assert set(shapes.PLACE) == set(PLACE_OF_A_MESSAGE)
