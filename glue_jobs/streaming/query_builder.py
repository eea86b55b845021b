"""Builds the plan of each query of a streaming job, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract import align_to_schema, validate_and_quarantine
from glue_jobs.contract.validate import INVALID
from glue_jobs.errors import RunError
from glue_jobs.sql_query import Query
from glue_jobs.streaming.csv_rows import rows_of_csv
from glue_jobs.streaming.fast_json import fast_json_parser, rows_to_reparse
from glue_jobs.streaming.json_rows import rows_of_json, with_defect_columns
from glue_jobs.streaming.message_metadata import is_cdc
from glue_jobs.streaming.messages import READ_COLUMNS, REJECT, is_passed_over
from glue_jobs.streaming.query_plan import QueryPlan
from glue_jobs.streaming.row_validation import (
    INGEST_TS,
    apply_user_function,
    validate,
    with_ingest_ts,
    with_reasons,
    with_validity,
)
from glue_jobs.streaming.state_bounds import without_repeats
from glue_jobs.streaming.stream_tasks import StreamTask
from glue_jobs.streaming.topic_reader import TopicReader
from glue_jobs.tables import read
from glue_jobs.tables.query_guard import aggregates_stream
from glue_jobs.tables.row_counts import filters_stay_above
from lakehouse.contracts import Contract, SourcedContract
from lakehouse.contracts.masking import masks_on_read, masks_on_write
from lakehouse.pipelines.sql import Statement
from lakehouse.pipelines.table_parameters import parameter_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from glue_jobs.run_context import RunContext


class QueryBuilder:
    """Builds the queries of one job. Each query has a consumer of its own."""

    def __init__(self, run: RunContext, session: SparkSession, tasks: list[StreamTask]) -> None:
        self._run, self._session = run, session
        self._tasks = {t.table: t for t in tasks}
        self._topics = TopicReader(run, session)

    def connect(self) -> None:
        """Asks the brokers for the topics of all queries.

        Raises SourceError when one of them is not there.
        """
        sources = {contract.table: contract for contract in map(self.source, self._tasks.values())}
        for table, contract in sources.items():
            self._topics.connect(contract.source.object, table)

    def topic_id(self, task: StreamTask) -> str:
        """The id of the topic that a task's rows come from in the end; empty where the brokers give none."""
        source = self.source(task)
        return self._topics.topic_id(source.source.object, source.table)

    def source(self, task: StreamTask) -> SourcedContract:
        """The contract with the topic that a task's rows come from in the end. Raises RunError (RUN123)."""
        table = task.table if task.statement is None else self._streamed_table(task.table, task.statement)
        contract = SourcedContract.of(self._run.contract(table))
        if contract is None or contract.source.kind != "kafka":
            raise RunError(
                f"{table}: its contract names no Kafka topic, so job {self._run.job.name} cannot stream it",
                code="RUN123",
            )
        return contract

    def _streamed_table(self, table: str, statement: Statement) -> str:
        streams = statement.streams
        if len(streams) != 1 or streams[0] not in self._tasks:
            raise RunError(
                f"{table}: its query reads {', '.join(streams) or 'no table'} as a stream; "
                "it must read one that this job fills, FROM STREAM(<layer>.<table>)",
                code="RUN123",
            )
        return streams[0]

    def build(self, task: StreamTask) -> QueryPlan:
        """The plan of a task's query: from SQL, from JSON appended as it comes, or from other messages.

        What the contract of the task's table masks is masked before it is written.
        """
        rules = masks_on_write(self._run.contract(task.table))
        return replace(self._plan(task), mask=lambda rows: self._run.masked(rows, rules))

    def _plan(self, task: StreamTask) -> QueryPlan:
        if task.statement is not None:
            return self._from_sql(self._run.contract(task.table), task.statement)
        contract = self.source(task)
        flag = self._run.forgotten(contract)
        appended = contract.lake.write == "append" or contract.lake.store == "postgres"
        if appended and task.function is None and contract.source.format == "json_lines":
            return self._fast_json(contract).without_forgotten(flag)
        return self._from_topic(contract, task).without_forgotten(flag)

    def _from_topic(self, contract: SourcedContract, task: StreamTask) -> QueryPlan:
        max_bytes = self._run.env.streams.max_message_bytes
        is_csv = contract.source.format == "csv"
        messages = self._topics.messages(contract.source.object)
        if is_csv:
            rows = align_to_schema(rows_of_csv(messages, contract, max_bytes), contract, text=True)
        else:
            rows = rows_of_json(messages, contract, max_bytes)
        if task.function is not None:
            # The function sees what was sent and what is wrong with it, and may reject more.
            visible = rows if is_csv else with_defect_columns(rows, contract)
            rows = apply_user_function(visible, task.function, contract)
        rows = with_ingest_ts(rows, contract, F.current_timestamp())
        if is_csv or task.function is not None:
            return QueryPlan(
                validate(rows, contract).rows, lambda batch: validate(batch.drop(INVALID), contract)
            )
        return QueryPlan(with_validity(rows, contract), lambda batch: with_reasons(batch, contract))

    def _fast_json(self, contract: SourcedContract) -> QueryPlan:
        max_bytes, topic = self._run.env.streams.max_message_bytes, contract.source.object
        parse_messages = fast_json_parser(contract, max_bytes)

        def parse(messages: DataFrame, began: datetime) -> DataFrame:
            return with_ingest_ts(parse_messages(messages), contract, F.lit(began))

        def reparse(batch: DataFrame) -> DataFrame:
            messages = rows_to_reparse(batch, contract, topic)
            rows = with_validity(rows_of_json(messages, contract, max_bytes), contract)
            if INGEST_TS not in batch.columns:
                return rows
            return rows.crossJoin(F.broadcast(batch.select(INGEST_TS).limit(1)))

        messages = self._topics.messages(topic).select(*READ_COLUMNS)
        return QueryPlan(messages, lambda batch: with_reasons(batch, contract), parse, reparse)

    def _from_sql(self, contract: Contract, statement: Statement) -> QueryPlan:
        run = self._run
        frames = {
            parameter_of(table): self._valid_rows(table)
            if table in statement.streams
            else self._stored_rows(table)
            for table in statement.reads
        }
        rows = Query(statement)(spark=self._session, run_date=run.run_date, params=run.params, **frames)
        missing = [name for name in contract.column_names if name not in rows.columns]
        if missing:
            raise RunError(
                f"{contract.table}: its query returns no column {', '.join(missing)}", code="RUN204"
            )
        reject = [REJECT] if REJECT in rows.columns else []
        typed = rows.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in contract.columns], *reject)
        return QueryPlan(
            validate_and_quarantine(typed, contract).rows,
            lambda batch: validate_and_quarantine(batch.drop(INVALID), contract),
            running_totals=aggregates_stream(rows),
        )

    def _valid_rows(self, table: str) -> DataFrame:
        """The valid rows of another query of the job as they come, masked when they leave bronze."""
        task = self._tasks[table]
        contract = self.source(task)
        rows = self._from_topic(contract, task).without_forgotten(self._run.forgotten(contract)).rows
        taken = ~(F.col(INVALID) | is_passed_over(rows))
        valid = filters_stay_above(rows).where(taken).select(*contract.column_names)
        if contract.lake.write == "merge" and not is_cdc(contract):
            # The table has each key once, and so has its stream: a message that was sent twice counts once.
            valid = without_repeats(valid, contract.primary_key, self._run.env.streams.repeat_hours)
        return self._run.masked(valid, masks_on_read(contract))

    def _stored_rows(self, table: str) -> DataFrame:
        """A table beside the stream, as it is when a micro-batch begins."""
        contract = self._run.contract(table)
        rows = read.followed(self._session, self._run.uri(table), table)
        return self._run.masked(read.without_deleted(rows, contract), masks_on_read(contract))
