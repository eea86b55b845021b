"""A contract as a table of the Glue catalog: the stack creates it and a job updates it, in one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakehouse.contracts.contract import Column, Contract
from lakehouse.environments import Environment

# The catalog's own limits, in characters.
MOST_COMMENT, MOST_DESCRIPTION = 255, 2048
# Columns of a message's position, which is not part of its value: these names, or any column whose source is
# `kafka:…`. Sources `cdc:…` are fields of the envelope.
PLACE = ("kafka_topic", "kafka_partition", "kafka_offset", "kafka_timestamp")
BESIDE = ("kafka:", "cdc:")
DRAFT = "http://json-schema.org/draft-07/schema#"


def database_description(env: Environment, layer: str) -> str:
    return f"The {layer} layer of {env.project} in {env.name}"


def table_input(contract: Contract, location: str, stored: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """Glue's TableInput of a Delta table.

    `stored`: the columns (name, type) that it has, where that is known. Athena reads Delta by its log and
    takes partitions for plain columns.
    """
    columns = []
    for name, kind in stored or contract.stored:
        column = contract.by_name.get(name)
        columns.append(
            {
                "Name": name,
                "Type": kind,
                "Comment": (column.schema.description if column else "Added at ingest")[:MOST_COMMENT],
            }
        )
    return {
        "Name": contract.name,
        "Description": contract.description[:MOST_DESCRIPTION],
        "TableType": "EXTERNAL_TABLE",
        "Owner": contract.lake.owner,
        "Parameters": {
            "table_type": "delta",
            "classification": "delta",
            "EXTERNAL": "TRUE",
            "spark.sql.sources.provider": "delta",
            "contract_version": str(contract.lake.version),
            "primary_key": ",".join(contract.primary_key),
        },
        "StorageDescriptor": {
            "Columns": columns,
            "Location": location,
            "InputFormat": "org.apache.hadoop.mapred.SequenceFileInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"path": location, "serialization.format": "1"},
            },
        },
    }


def message_schema(contract: Contract) -> dict[str, Any]:
    """The JSON Schema of one message of a streamed contract, for a registry.

    Draft 7 is the newest that Glue's registry knows. Unknown fields stay allowed, so that a producer may add
    one before the contract has it.
    """
    sent = [c for c in contract.columns if c.name not in PLACE and not c.source_name.startswith(BESIDE)]
    source = contract.lake.source
    shape = _envelope(contract, sent) if source and source.format == "cdc" else _row(sent)
    return {"$schema": DRAFT, "title": contract.title, "description": contract.description, **shape}


def topic_schema(contracts: Sequence[Contract]) -> dict[str, Any]:
    """The JSON Schema of the messages of a topic that these contracts read: all must accept them."""
    schemas = [message_schema(contract) for contract in contracts]
    if len(schemas) == 1:
        return schemas[0]
    properties: dict[str, Any] = {}
    for schema in schemas:
        for name, field in schema["properties"].items():
            properties[name] = _both(properties[name], field) if name in properties else field
    required = dict.fromkeys(name for schema in schemas for name in schema["required"])
    text = {
        key: " / ".join(dict.fromkeys(str(schema[key]) for schema in schemas))
        for key in ("title", "description")
    }
    return {"$schema": DRAFT, **text, "type": "object", "properties": properties, "required": list(required)}


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The rules of both columns; where they differ, both side by side."""
    rules = [{k: v for k, v in schema.items() if k != "description"} for schema in (one, other)]
    return (
        one
        if rules[0] == rules[1]
        else {"description": one.get("description", ""), "allOf": [*one.get("allOf", [one]), other]}
    )


def _row(sent: Sequence[Column]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {c.source_name: _plain(c) for c in sent},
        "required": [c.source_name for c in sent if c.required],
    }


def _envelope(contract: Contract, sent: Sequence[Column]) -> dict[str, Any]:
    """Debezium's envelope: the operation, the row before and the row after. Fields of the envelope are not
    part of its rows.
    """
    row = _row([c for c in sent if c.name != contract.lake.delete_flag])
    before = {"type": ["object", "null"], "properties": row["properties"]}
    return {
        "type": "object",
        "properties": {
            "op": {"description": "create, update, delete or read", "enum": ["c", "u", "d", "r"]},
            "before": before,
            "after": {**before, "required": row["required"]},
            "ts_ms": {"description": "When it was done, milliseconds since 1970", "type": "integer"},
        },
        "required": ["op"],
    }


def _plain(column: Column) -> dict[str, Any]:
    """One column without the keywords of `x-lake`, and without the formats that draft 7 does not know."""
    schema = column.schema.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"x_lake"})
    return {k: v for k, v in schema.items() if (k, v) != ("format", "uuid")}
