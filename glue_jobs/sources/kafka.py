"""A Kafka topic of CSV messages, by offsets.

Between two positions the read is a batch over fixed offsets: what an availableNow trigger would read in its last micro-batch, and
exactly the same again after a kill, without a checkpoint beside the platform's own watermark.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from glue_jobs.sources import text
from glue_jobs.sources.columns import Matched
from glue_jobs.sources.kafka_offsets import Bounds, client_settings, limited, offsets_of, topic_bounds
from glue_jobs.sources.source import Extract, Position, SourceError
from lakehouse.contracts import SourcedContract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from glue_jobs.observability.secrets import Secrets

# The contract's columns that come from the message's place and not from its value.
PLACE = {
    "kafka_topic": "topic",
    "kafka_partition": "partition",
    "kafka_offset": "offset",
    "kafka_timestamp": "timestamp",
}


class Kafka:
    """Position: {"offsets": {partition: the next offset to read}}."""

    def __init__(
        self, contract: SourcedContract, env: Environment, spark: SparkSession, secrets: Secrets
    ) -> None:
        self._contract, self._env, self._spark, self._secrets = contract, env, spark, secrets
        self._topic = contract.source.object

    def plan(self, position: Position, run_date: date) -> Position:
        """Up to the topic's end: a message has no other date than its offset, and `max_offsets_per_trigger` bounds one run."""
        del run_date
        bounds = self._bounds()
        start = self._start(position, bounds)
        until = limited(start, {p: b.end for p, b in bounds.items()}, self._env.kafka.max_offsets_per_trigger)
        return (
            position
            if until == start
            else {"offsets": {str(p): offset for p, offset in sorted(until.items())}}
        )

    def read(self, position: Position, until: Position) -> Extract:
        from pyspark.sql import functions as F

        raw = self._messages(position, offsets_of(until))
        value = F.decode(F.col("value"), "UTF-8")
        own = [
            F.col(column).cast("string").alias(name)
            for name, column in PLACE.items()
            if name in self._contract.by_name
        ]
        lines = raw.select(
            F.regexp_replace(value, "[\r\n]+$", "").alias("line"),
            F.concat("topic", F.lit("-"), "partition", F.lit("@"), "offset").alias("position"),
            F.coalesce(F.encode(value, "UTF-8") == F.col("value"), F.lit(False)).alias("utf8"),
            *own,
        )
        header = [c.source_name for c in self._contract.columns if c.name not in PLACE]
        matched = Matched(
            {c.name: c.source_name for c in self._contract.columns if c.name not in PLACE}, (), ()
        )
        rows = text.csv_rows(lines, self._contract, header, matched, beside=tuple(PLACE))
        return Extract(rows, text=True)

    def _messages(self, position: Position, until: dict[int, int]) -> DataFrame:
        bounds = self._bounds()
        start = self._start(position, bounds)
        gone = {p: until[p] for p in until if p not in bounds or bounds[p].end < until[p]}
        if gone:
            raise SourceError(
                f"{self._where}: offsets {gone} were there when the run was planned and are not now; was the topic made anew?",
                code="RUN104",
            )
        facts = client_settings(self._secrets.get(self._env.kafka.secret))
        options = {f"kafka.{name}": value for name, value in facts.spark.items()}
        return (
            self._spark.read.format("kafka")
            .options(**options)
            .option("assign", json.dumps({self._topic: sorted(until)}))
            .option(
                "startingOffsets",
                json.dumps({self._topic: {str(p): start.get(p, bounds[p].begin) for p in until}}),
            )
            .option(
                "endingOffsets", json.dumps({self._topic: {str(p): offset for p, offset in until.items()}})
            )
            .option("failOnDataLoss", "true")
            .load()
        )

    def _start(self, position: Position, bounds: dict[int, Bounds]) -> dict[int, int]:
        """Where to begin in each partition: a new one at its beginning. Raises SourceError (RUN104) when messages not read yet are gone."""
        read = offsets_of(position)
        lost = [
            f"partition {p}: {read[p]} to {b.begin - 1}"
            for p, b in bounds.items()
            if p in read and read[p] < b.begin
        ]
        if lost:
            raise SourceError(
                f"{self._where}: offsets that were never read are gone, {'; '.join(lost)}; the topic keeps messages too short a time",
                code="RUN104",
            )
        ahead = [
            f"partition {p}: {read[p]} is after its end {b.end}"
            for p, b in bounds.items()
            if p in read and read[p] > b.end
        ]
        if ahead:
            raise SourceError(
                f"{self._where}: {'; '.join(ahead)}; was the topic made anew? Then its watermark has to be set back",
                code="RUN104",
            )
        return {p: read.get(p, b.begin) for p, b in bounds.items()}

    @property
    def _where(self) -> str:
        return f"{self._contract.table}: Kafka topic {self._topic}"

    def _bounds(self) -> dict[int, Bounds]:
        return topic_bounds(
            self._topic, client_settings(self._secrets.get(self._env.kafka.secret)), self._contract.table
        )
