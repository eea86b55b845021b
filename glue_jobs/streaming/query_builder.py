"""The rows of each query, before a micro-batch of them is written: one plan, made once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows, align_to_schema, masked, validate_and_quarantine
from glue_jobs.contract.validate import INVALID
from glue_jobs.errors import RunError
from glue_jobs.session import cores
from glue_jobs.sources.kafka_offsets import client_settings
from glue_jobs.sql_query import Query
from glue_jobs.streaming.csv_rows import csv_rows
from glue_jobs.streaming.fast_json import doubtful, quick_rows
from glue_jobs.streaming.json_rows import json_rows, opened
from glue_jobs.streaming.message_metadata import is_cdc
from glue_jobs.streaming.messages import MESSAGE, REJECT
from glue_jobs.streaming.row_validation import INGESTED, explained, full, judged, passed, stamped
from glue_jobs.streaming.tasks import Task
from glue_jobs.tables import read
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from glue_jobs.run_context import RunContext
    from glue_jobs.sources.kafka_offsets import ClientSettings

# A consumer's own settings are those of a service that answers to each message; a batch takes them by the thousands. What is fetched beyond
# the end of a task's piece is thrown away, so it is not much. At the end of a topic a broker answers nothing else for as long as it waits for more.
_FETCH = {"max.poll.records": "5000", "max.partition.fetch.bytes": str(2 * 2**20), "fetch.max.wait.ms": "10"}


@dataclass(frozen=True)
class Plan:
    """`rows`: what a query gives, with `_bad`. `explained`: the bad ones of a micro-batch, with what was sent and what is wrong with it.

    Where `typed` and `again` are there, a query gives messages as they come. `typed` makes rows of those of a micro-batch, by the time at which it
    began, with `_doubt` in place of `_bad`; `again` gives the rows of the marked ones. Spark copies what a query gives before a batch is written: of
    messages that is less than of rows.
    """

    rows: DataFrame
    explained: Callable[[DataFrame], ValidatedRows]
    typed: Callable[[DataFrame, datetime], DataFrame] | None = None
    again: Callable[[DataFrame], DataFrame] | None = None


class Frames:
    """Builds the streaming frames of one job. Each of them has a consumer of its own."""

    def __init__(self, run: RunContext, session: SparkSession, tasks: list[Task]) -> None:
        self._run, self._session = run, session
        self._tasks = {t.table: t for t in tasks}
        # Of each topic, how many it has: known when the brokers have been asked.
        self.partitions: dict[str, int] = {}

    def of(self, task: Task) -> Plan:
        """Every row that the query gives, and whether it is sound."""
        if task.statement is not None:
            return self._made(task)
        contract = self._run.contract(task.table)
        source, write = contract.lake.source, contract.lake.write
        as_they_come = (write == "append" or contract.lake.store == "postgres") and task.function is None
        return (
            self._quick(contract)
            if as_they_come and source and source.format == "json_lines"
            else self._fed(task)
        )

    def source(self, task: Task) -> Contract:
        """The contract with the topic that a task's rows come from in the end. Raises RunError (RUN123)."""
        if task.statement is None:
            contract = self._run.contract(task.table)
        else:
            streams = task.statement.streams
            if len(streams) != 1 or streams[0] not in self._tasks:
                what = ", ".join(streams) or "no table"
                raise RunError(
                    f"{task.table}: its query reads {what} as a stream; it must read one that this job fills, FROM STREAM(<layer>.<table>)",
                    code="RUN123",
                )
            contract = self._run.contract(streams[0])
        if contract.lake.source is None or contract.lake.source.kind != "kafka":
            raise RunError(
                f"{contract.table}: its contract names no Kafka topic, so job {self._run.job.name} cannot stream it",
                code="RUN123",
            )
        return contract

    def settings(self) -> ClientSettings:
        """The brokers: those of the job's own secret, or the environment's."""
        run = self._run
        own = any(p.name == "connection" for p in run.job.params)
        return client_settings(run.secret_of("connection") if own else run.secrets.get(run.env.kafka.secret))

    def _messages(self, contract: Contract) -> DataFrame:
        assert contract.lake.source
        params, facts = self._run.params, self._run.env.kafka
        topic = contract.lake.source.object
        # To empty a topic its partitions are shared out; in the small batches of a stream that runs on, it would make small files.
        pieces = _pieces(self.partitions[topic], cores(self._session))
        split = {"minPartitions": str(pieces)} if self._run.env.streams.trigger == "available_now" else {}
        return (
            self._session.readStream.format("kafka")
            .options(
                **{f"kafka.{name}": value for name, value in {**_FETCH, **self.settings().spark}.items()}
            )
            .option("subscribe", topic)
            .option("startingOffsets", str(params.get("starting_offsets") or "earliest"))
            .option(
                "maxOffsetsPerTrigger",
                int(params.get("max_offsets_per_trigger") or facts.max_offsets_per_trigger),
            )
            .options(**split)
            .option("failOnDataLoss", "true")
            # What a producer took back was never said.
            .option("kafka.isolation.level", "read_committed")
            .load()
        )

    def _fed(self, task: Task) -> Plan:
        contract, most = self._run.contract(task.table), self._run.env.streams.max_message_bytes
        assert contract.lake.source
        csv = contract.lake.source.format == "csv"
        messages = self._messages(contract)
        rows = (
            align_to_schema(csv_rows(messages, contract, most), contract, text=True)
            if csv
            else json_rows(messages, contract, most)
        )
        if task.function is not None:
            # It sees what was sent and what is wrong with it, and may say more of that.
            rows = passed(rows if csv else opened(rows, contract), task.function, contract)
        rows = stamped(rows, contract, F.current_timestamp())
        if csv or task.function is not None:
            return Plan(judged(rows, contract).rows, lambda batch: judged(batch.drop(INVALID), contract))
        return Plan(full(rows, contract), lambda batch: explained(batch, contract))

    def _quick(self, contract: Contract) -> Plan:
        assert contract.lake.source
        most, topic = self._run.env.streams.max_message_bytes, contract.lake.source.object

        def again(batch: DataFrame) -> DataFrame:
            rows = full(json_rows(doubtful(batch, contract, topic), contract, most), contract)
            return (
                rows.crossJoin(F.broadcast(batch.select(INGESTED).limit(1)))
                if INGESTED in batch.columns
                else rows
            )

        rows_of = quick_rows(contract, most)

        def typed(messages: DataFrame, began: datetime) -> DataFrame:
            return stamped(rows_of(messages), contract, F.lit(began))

        return Plan(
            self._messages(contract).select(*MESSAGE), lambda batch: explained(batch, contract), typed, again
        )

    def _sound(self, table: str) -> DataFrame:
        """The rows of a sibling's table as they come, masked when they leave bronze."""
        contract, rows = self._run.contract(table), self._fed(self._tasks[table]).rows
        # Spark would push the filter below the parser and parse twice; it pushes nothing below what is observed.
        observed = rows.observe(f"{table}-{uuid.uuid4()}", F.count(F.lit(1)).alias("rows"))
        sound = observed.where(~F.col(INVALID)).select(*contract.column_names)
        if contract.lake.write == "merge" and not is_cdc(contract):
            # The table has each key once, and so has its stream: a message that was sent twice must not be counted twice.
            sound = sound.dropDuplicates(list(contract.primary_key))
        return self._masked(sound, contract)

    def _masked(self, rows: DataFrame, contract: Contract) -> DataFrame:
        if contract.layer != "bronze" or not any(c.lake.mask for c in contract.columns):
            return rows
        return masked(self._session, rows, contract, self._run.secret_of("pii_key")["key"])

    def _made(self, task: Task) -> Plan:
        assert task.statement
        run, contract = self._run, self._run.contract(task.table)
        frames = {
            t.replace(".", "_", 1): self._sound(t)
            if t in task.statement.streams
            else self._masked(
                read.without_deleted(read.newest(self._session, run.uri(t), t), run.contract(t)),
                run.contract(t),
            )
            for t in task.statement.reads
        }
        rows = Query(task.statement)(spark=self._session, run_date=run.run_date, params=run.params, **frames)
        lacking = [n for n in contract.column_names if n not in rows.columns]
        if lacking:
            raise RunError(
                f"{contract.table}: its query returns no column {', '.join(lacking)}", code="RUN204"
            )
        own = [c for c in (REJECT,) if c in rows.columns]
        typed = rows.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in contract.columns], *own)
        return Plan(
            validate_and_quarantine(typed, contract).rows,
            lambda batch: validate_and_quarantine(batch.drop(INVALID), contract),
        )


def _pieces(partitions: int, cores: int) -> int:
    """Tasks that read a batch: as many as keep every core busy to the end, in at most three rounds."""
    most = max(1, 3 * cores // partitions)
    return partitions * next((k for k in range(1, most + 1) if partitions * k % cores == 0), most)
