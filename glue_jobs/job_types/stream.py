"""Runs a streaming job: one application, a query for each table that the job fills."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from pyspark.errors import AnalysisException
from pyspark.sql.streaming.query import StreamingQuery

from glue_jobs.errors import RunError, first_line
from glue_jobs.job_types.retries import try_again
from glue_jobs.run_context import RunContext
from glue_jobs.session import stream_session
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import LeaseTakenError, lease
from glue_jobs.streaming.checkpoint import Checkpoint
from glue_jobs.streaming.message_metadata import is_cdc
from glue_jobs.streaming.micro_batch import MicroBatchWriter, QuerySpec
from glue_jobs.streaming.progress_metrics import ProgressMetrics
from glue_jobs.streaming.query_builder import QueryBuilder
from glue_jobs.streaming.stream_tasks import StreamTask, stream_tasks
from glue_jobs.streaming.watch import EndRequest, RunningQuery, stopped_by_signals, watch
from glue_jobs.streaming.writer_registry import require_writable, writer_for
from lakehouse.environments import prefixes
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_keys import stream_lease
from lakehouse.pipelines.job_prefixes import CHECKPOINT


@dataclass
class Stream:
    """`stop` may be called from any thread: each query ends after its current micro-batch."""

    tasks: list[StreamTask]
    stopping: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of(cls, job: Job) -> Stream:
        return cls(stream_tasks(job))

    def stop(self) -> None:
        self.stopping.set()

    def execute(self, run: RunContext) -> None:
        """Runs until the topics are read (trigger available_now), or until it is stopped (continuous)."""
        with _only_application(run), stopped_by_signals(self.stopping):
            try_again(run, partial(self._run_queries, run), f"stream {run.job.name}")
            _report_broken_topics(run)

    def _run_queries(self, run: RunContext) -> None:
        ending = EndRequest(self.stopping)
        builder = QueryBuilder(run, stream_session(run.session, run.env), self.tasks)
        builder.connect()
        specs = [_prepare(run, builder, task) for task in self.tasks]
        queries: list[RunningQuery] = []
        try:
            for spec in specs:
                queries.append(_start(spec, MicroBatchWriter(spec, ending)))
        except BaseException:
            for running in queries:
                running.query.stop()
            raise
        watch(queries, ending, ProgressMetrics(run))


@contextmanager
def _only_application(run: RunContext) -> Iterator[None]:
    """Holds the lease of the whole application: two applications of one stream would do each batch twice.

    Raises RunError (RUN124) when another one holds it.
    """
    resource = stream_lease(run.job)
    try:
        with lease(run.env, resource, run.run_id):
            yield
    except LeaseTakenError as taken:
        if f"'{resource}'" not in str(taken):
            raise
        raise RunError(
            f"stream {run.job.name} runs already, and only one application of it can: {taken}", code="RUN124"
        ) from None


def _prepare(run: RunContext, builder: QueryBuilder, task: StreamTask) -> QuerySpec:
    """Claims the checkpoint of a query, and creates its table."""
    contract, topic = run.contract(task.table), builder.source(task).source.object
    require_writable(contract)
    path = prefixes.checkpoint(run.job.name, task.name, str(run.params.get(CHECKPOINT) or ""))
    checkpoint = Checkpoint(run.env, run.aws, path)
    identity = checkpoint.claim(run.job.name, task.name, task.table, topic, builder.topic_id(task))
    from_sql = task.statement is not None
    if contract.lake.store == "delta":
        # Before the plan: a query may read the table that it writes.
        run.create_table(contract, identity.stream)
    plan = builder.build(task)
    if plan.running_totals:
        # A later result is newer, also when it is less: after lost offsets, totals begin anew.
        contract = replace(contract, lake=contract.lake.model_copy(update={"sequence": None}))
    writer = writer_for(run, contract, in_order=from_sql or is_cdc(contract))
    # A query that is tried again goes on counting.
    run.counts.setdefault(task.table, Counts())
    return QuerySpec(run, contract, plan, identity, checkpoint, writer, one_row_per_message=not from_sql)


def _start(spec: QuerySpec, batches: MicroBatchWriter) -> RunningQuery:
    """Raises RunError (RUN123) when Spark cannot run the query as a stream."""
    streams, table = spec.run.env.streams, spec.contract.table
    writer = spec.plan.rows.writeStream.queryName(f"{spec.run.job.name}.{table}")
    # The results of an aggregation change with every batch; without aggregation, an update is an append.
    writer = writer.option("checkpointLocation", spec.checkpoint.uri).outputMode(
        "append" if spec.contract.lake.write == "append" else "update"
    )
    if streams.trigger == "available_now":
        writer = writer.trigger(availableNow=True)
    else:
        writer = writer.trigger(processingTime=f"{streams.seconds} seconds")
    try:
        query: StreamingQuery = writer.foreachBatch(batches).start()
    except AnalysisException as error:
        raise RunError(
            f"{table}: Spark cannot run its query as a stream: {first_line(error)}", code="RUN123"
        ) from None
    return RunningQuery(table, query, batches)


def _report_broken_topics(run: RunContext) -> None:
    """A topic that is mostly broken is read to its end all the same, and reported then."""
    if run.env.streams.trigger == "available_now":
        for table, counts in run.counts.items():
            run.report_broken_source(table, counts, "see its quarantine")
