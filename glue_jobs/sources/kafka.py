"""Reads a Kafka topic of CSV messages by offsets.

A read between two positions is a batch over fixed offsets. It returns the same messages again after a kill,
and needs no checkpoint beside the platform's own watermark.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from glue_jobs.sources import text
from glue_jobs.sources.columns import ColumnMapping
from glue_jobs.sources.kafka_offsets import (
    Bounds,
    client_settings,
    limit_offsets,
    offsets_of,
    require_same_topic,
    topic_bounds,
    topic_id,
)
from glue_jobs.sources.kafka_times import offsets_at
from glue_jobs.sources.source import Extract, Position, SourceError
from lakehouse.contracts import SourcedContract
from lakehouse.environments.model import Environment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from glue_jobs.observability.secrets import Secrets

# Contract columns that hold a message's metadata and not a field of its value → Spark's columns of a message.
MESSAGE_COLUMNS = {
    "kafka_topic": "topic",
    "kafka_partition": "partition",
    "kafka_offset": "offset",
    "kafka_timestamp": "timestamp",
}


class Kafka:
    """Position: {"offsets": {partition: the next offset to read}, "topic_id": the id of the topic}.

    Messages of transactions that were aborted are not read. A position of an earlier release has no id.
    """

    def __init__(
        self,
        contract: SourcedContract,
        env: Environment,
        spark: SparkSession,
        secrets: Secrets,
        *,
        by_time: bool = False,
    ) -> None:
        """`by_time`: a plan ends with the messages that are stamped with the run's day."""
        self._by_time = by_time
        self._contract, self._env, self._spark, self._secrets = contract, env, spark, secrets
        self._topic = contract.source.object
        self.label = f"{contract.table}: Kafka topic {self._topic}"

    def plan(self, position: Position, run_date: date) -> Position:
        """Up to the topic's end, at most `kafka.max_offsets_per_trigger` messages.

        A late message belongs to no other day than it came on, so only a backfill looks at their times.
        """
        topic, bounds = self._topic_id(position), self._bounds()
        start = self._start(position, bounds)
        ends = self._ends(bounds, start, run_date)
        until = limit_offsets(start, ends, self._env.kafka.max_offsets_per_trigger)
        if until == start:
            return position
        offsets = {str(partition): offset for partition, offset in sorted(until.items())}
        return {"offsets": offsets, "topic_id": topic}

    def ahead(self) -> str:
        """Empty: a message is read whatever time it bears."""
        return ""

    def before(self, day: date) -> Position:
        """The position before the first message that is stamped with this day, or with a later one."""
        offsets = {str(partition): offset for partition, offset in sorted(self._offsets_at(day).items())}
        return {"offsets": offsets, "topic_id": self._topic_id(None)}

    def _offsets_at(self, day: date) -> dict[int, int]:
        settings = client_settings(self._secrets.get(self._env.kafka.secret))
        midnight = datetime.combine(day, time(0), UTC)
        return offsets_at(self._topic, settings, self._contract.table, midnight)

    def _ends(self, bounds: dict[int, Bounds], start: dict[int, int], run_date: date) -> dict[int, int]:
        """The end of each partition; in a backfill where the messages after `run_date` begin."""
        if not self._by_time:
            return {partition: bound.end for partition, bound in bounds.items()}
        # A partition that was added meanwhile has no message of the days before.
        ends = self._offsets_at(run_date + timedelta(days=1))
        return {partition: max(begin, ends.get(partition, begin)) for partition, begin in start.items()}

    def read(self, position: Position, until: Position) -> Extract:
        """The messages between two positions.

        Raises SourceError when Kafka no longer has all of them (RUN104), or has another topic (RUN144).
        """
        self._topic_id(until)
        raw = self._messages(position, offsets_of(until))
        value = F.decode(F.col("value"), "UTF-8")
        metadata = [
            F.col(column).cast("string").alias(name)
            for name, column in MESSAGE_COLUMNS.items()
            if name in self._contract.by_name
        ]
        lines = raw.select(
            F.regexp_replace(value, "[\r\n]+$", "").alias("line"),
            F.concat("topic", F.lit("-"), "partition", F.lit("@"), "offset").alias("position"),
            F.coalesce(F.encode(value, "UTF-8") == F.col("value"), F.lit(False)).alias("utf8"),
            *metadata,
        )
        fields = {c.name: c.source_name for c in self._contract.columns if c.name not in MESSAGE_COLUMNS}
        mapping = ColumnMapping(fields, (), ())
        rows = text.parse_csv(
            lines, self._contract, list(fields.values()), mapping, passthrough=tuple(MESSAGE_COLUMNS)
        )
        return Extract(rows, text=True)

    def _messages(self, position: Position, until: dict[int, int]) -> DataFrame:
        bounds = self._bounds()
        start = self._start(position, bounds)
        lost = {p: until[p] for p in until if p not in bounds or bounds[p].end < until[p]}
        if lost:
            raise SourceError(
                f"{self.label}: offsets {lost} existed when the run was planned and do not exist now; "
                "was the topic recreated?",
                code="RUN104",
            )
        settings = client_settings(self._secrets.get(self._env.kafka.secret))
        starting = {str(p): start.get(p, bounds[p].begin) for p in until}
        ending = {str(p): offset for p, offset in until.items()}
        return (
            self._spark.read.format("kafka")
            .options(**{f"kafka.{name}": value for name, value in settings.spark.items()})
            .option("assign", json.dumps({self._topic: sorted(until)}))
            .option("startingOffsets", json.dumps({self._topic: starting}))
            .option("endingOffsets", json.dumps({self._topic: ending}))
            .option("failOnDataLoss", "true")
            .option("kafka.isolation.level", "read_committed")
            .load()
        )

    def _start(self, position: Position, bounds: dict[int, Bounds]) -> dict[int, int]:
        """The first offset to read in each partition: the position's, or the partition's first one.

        Raises SourceError (RUN104) when unread messages are gone or the topic was recreated.
        """
        next_offsets = offsets_of(position)
        lost = [
            f"partition {p}: {next_offsets[p]} to {bound.begin - 1}"
            for p, bound in bounds.items()
            if p in next_offsets and next_offsets[p] < bound.begin
        ]
        if lost:
            raise SourceError(
                f"{self.label}: offsets that were never read are deleted, {'; '.join(lost)}; "
                "the retention of the topic is too short",
                code="RUN104",
            )
        ahead = [
            f"partition {p}: {next_offsets[p]} is after its end {bound.end}"
            for p, bound in bounds.items()
            if p in next_offsets and next_offsets[p] > bound.end
        ]
        if ahead:
            raise SourceError(
                f"{self.label}: {'; '.join(ahead)}; was the topic recreated? Then reset its watermark",
                code="RUN104",
            )
        return {p: next_offsets.get(p, bound.begin) for p, bound in bounds.items()}

    def _topic_id(self, position: Position) -> str:
        """The id of the topic. Raises SourceError (RUN144) when it is not that of `position`."""
        settings = client_settings(self._secrets.get(self._env.kafka.secret))
        current = topic_id(self._topic, settings, self._contract.table)
        read = str((position or {}).get("topic_id", ""))
        require_same_topic(
            self.label,
            read,
            current,
            "reset its watermark to read it from its first offset: docs/errors/RUN144.md",
        )
        return current

    def _bounds(self) -> dict[int, Bounds]:
        settings = client_settings(self._secrets.get(self._env.kafka.secret))
        return topic_bounds(self._topic, settings, self._contract.table)
