"""The same histories as changes of a database: a CDC topic for each table, and a stream that merges them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession

from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from tests.glue_jobs.streaming.topic_harness import TopicHarness
from tests.histories.changes import Row
from tests.histories.contracts import COLUMNS, KEYS

_DELETED = "is_deleted"


@dataclass
class HistoryTopics:
    """A topic and a table of silver for each table of the histories."""

    env: Environment
    spark: SparkSession
    topics: dict[str, TopicHarness] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.topics = {table: TopicHarness(self.env, self.spark, partitions=1) for table in COLUMNS}

    @property
    def contracts(self) -> dict[str, Contract]:
        return {
            table: topic.contract(
                "silver",
                {**COLUMNS[table], _DELETED: {"type": "boolean"}},
                "cdc",
                write="merge",
                primary_key=KEYS[table],
                sequence="updated_at",
                delete_flag=_DELETED,
            )
            for table, topic in self.topics.items()
        }

    def arrive(self, batch: dict[str, list[Row]]) -> None:
        """Sends the changes of a batch, and lets one application of the stream read them."""
        for table, rows in batch.items():
            self.topics[table].send(*map(change, rows))
        contracts = self.contracts
        next(iter(self.topics.values())).drain(*contracts.values())

    def table(self, name: str) -> pa.Table:
        """A table as delta-rs reads it."""
        stored: pa.Table = self.topics[name].table(self.contracts[name]).to_pyarrow_table()
        return stored


def change(row: Row) -> dict[str, Any]:
    """A state of a row as Debezium sends it; a deletion has the row as it was."""
    state = {name: value for name, value in row.items() if name != _DELETED}
    if row.get(_DELETED):
        return {"op": "d", "before": state, "after": None, "ts_ms": 0}
    return {"op": "u", "before": None, "after": state, "ts_ms": 0}
