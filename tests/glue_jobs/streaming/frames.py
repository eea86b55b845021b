"""Messages as Kafka's source gives them, and contracts of topics, without a broker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from lakehouse.contracts import SourcedContract
from tests.glue_jobs.builders import contract, local_frame

SENT_AT = datetime(2017, 1, 31, 10, tzinfo=UTC)
MAX_BYTES = 1_000
COLUMNS: dict[str, Any] = {
    "id": {"type": "integer", "minimum": 1},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(8,2)"}},
    "changed_at": {"type": ["string", "null"], "format": "date-time"},
    "kafka_offset": {"type": "integer"},
}


def topic_contract(
    form: str = "json_lines", columns: Mapping[str, Any] | None = None, **lake: Any
) -> SourcedContract:
    source = {"kind": "kafka", "object": "events", "format": form, "system": "shop"}
    of = contract("bronze.events", dict(columns or COLUMNS), source=source, **{"write": "append", **lake})
    sourced = SourcedContract.of(of)
    assert sourced is not None
    return sourced


def messages(spark: SparkSession, *values: dict[str, Any] | bytes | str | None) -> DataFrame:
    """One message per value, with offsets from 0."""

    def encoded(value: dict[str, Any] | bytes | str | None) -> bytes | None:
        if isinstance(value, dict):
            return json.dumps(value).encode()
        return value.encode() if isinstance(value, str) else value

    return local_frame(
        spark,
        "topic string, partition int, offset bigint, timestamp timestamp, value binary",
        *[("events", 0, offset, SENT_AT, encoded(value)) for offset, value in enumerate(values)],
    )
