"""A contract as the Glue catalog shows it: one shape for the stack, which makes the tables, and for the job that brings them up to date."""

from __future__ import annotations

from typing import Any

from environments import Environment
from schemas.contract import Column, Contract

# The catalog's own limits, in characters.
MOST_COMMENT, MOST_DESCRIPTION = 255, 2048
# Where a message was, which it does not say itself.
PLACE = ("kafka_topic", "kafka_partition", "kafka_offset", "kafka_timestamp")


def database_description(env: Environment, layer: str) -> str:
    return f"The {layer} layer of {env.project} in {env.name}"


def table_input(contract: Contract, location: str) -> dict[str, Any]:
    """Glue's TableInput of a Delta table. Athena reads Delta by its log and takes partitions for plain columns."""
    columns = []
    for name, kind in contract.stored:
        column = contract.by_name.get(name)
        columns.append({"Name": name, "Type": kind, "Comment": (column.schema.description if column else "Added at ingest")[:MOST_COMMENT]})
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
    """The JSON Schema of one message of a streamed contract, for a registry: draft 7 is the newest that Glue's knows.

    Unknown fields stay allowed, so that a producer may add one before the contract has it.
    """
    sent = [c for c in contract.columns if c.name not in PLACE]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": contract.title,
        "description": contract.description,
        "type": "object",
        "properties": {c.source_name: _plain(c) for c in sent},
        "required": [c.source_name for c in sent if c.required],
    }


def _plain(column: Column) -> dict[str, Any]:
    """One column without our keywords, and without the format that draft 7 does not know."""
    stated = column.schema.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"x_lake"})
    return {k: v for k, v in stated.items() if (k, v) != ("format", "uuid")}
