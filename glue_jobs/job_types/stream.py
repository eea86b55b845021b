"""Streams: one application, a query for each table that the job fills."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from glue_jobs.errors import RunError, first_line
from glue_jobs.run_context import RunContext
from glue_jobs.session import stream_session
from glue_jobs.sources.kafka_offsets import topic_bounds
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import LeaseTakenError, lease
from glue_jobs.streaming.checkpoint import Checkpoint
from glue_jobs.streaming.message_metadata import is_cdc
from glue_jobs.streaming.micro_batch import Batches
from glue_jobs.streaming.progress_metrics import Measure
from glue_jobs.streaming.query_builder import Frames
from glue_jobs.streaming.tasks import Task, tasks_of
from glue_jobs.streaming.watch import Queries, stopped_by_signals, watch
from glue_jobs.streaming.writers import sink_for
from lakehouse.environments import names
from lakehouse.pipelines import Job


@dataclass
class Stream:
    """`stop` may be called from any thread: each query ends after the micro-batch that it is at."""

    tasks: list[Task]
    stopping: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of(cls, job: Job) -> Stream:
        return cls(tasks_of(job))

    def stop(self) -> None:
        self.stopping.set()

    def execute(self, run: RunContext) -> None:
        """Until there is nothing more to read (trigger available_now), or until it is stopped (continuous)."""
        with _alone(run), stopped_by_signals(self.stopping):
            session = stream_session(run.session)
            frames = Frames(run, session, self.tasks)
            for table, topic in {
                s.table: s.lake.source.object for s in map(frames.source, self.tasks) if s.lake.source
            }.items():
                frames.partitions[topic] = len(topic_bounds(topic, frames.settings(), table))
            ready = [self._ready(run, frames, task) for task in self.tasks]
            queries: Queries = {}
            try:
                for batches in ready:
                    queries[batches.contract.table] = (_start(run, batches), batches)
            except BaseException:
                for query, _ in queries.values():
                    query.stop()
                raise
            watch(queries, self.stopping, Measure(run))
            _judge(run)

    def _ready(self, run: RunContext, frames: Frames, task: Task) -> Batches:
        contract, source = run.contract(task.table), frames.source(task).lake.source
        assert source
        checkpoint = Checkpoint(
            run.env,
            run.aws,
            names.checkpoint(run.job.name, task.name, str(run.params.get("checkpoint_path") or "")),
        )
        identity = checkpoint.claim(run.job.name, task.name, task.table, source.object)
        made = task.statement is not None
        sink, plan = sink_for(run, contract, in_order=made or is_cdc(contract)), frames.of(task)
        if contract.lake.store == "delta":
            run.create_table(contract, identity.stream)
        run.counts[task.table] = Counts()
        return Batches(run, contract, plan, identity, checkpoint, sink, self.stopping, fed=not made)


@contextmanager
def _alone(run: RunContext) -> Iterator[None]:
    """The lease of the whole application: two of one stream would do each batch twice, and the slower one in vain."""
    try:
        held = lease(run.env, f"stream.{run.job.name}", run.run_id)
        with held:
            yield
    except LeaseTakenError as taken:
        if f"'stream.{run.job.name}'" not in str(taken):
            raise
        raise RunError(
            f"stream {run.job.name} runs already, and only one application of it can: {taken}", code="RUN124"
        ) from None


def _start(run: RunContext, batches: Batches) -> Any:
    from pyspark.errors import AnalysisException

    facts, table = run.env.streams, batches.contract.table
    writer = batches.plan.rows.writeStream.queryName(f"{run.job.name}.{table}")
    # What a query adds up changes with every batch; without sums, an update is an append.
    writer = writer.option("checkpointLocation", batches.checkpoint.uri).outputMode(
        "append" if batches.contract.lake.write == "append" else "update"
    )
    writer = (
        writer.trigger(availableNow=True)
        if facts.trigger == "available_now"
        else writer.trigger(processingTime=f"{facts.seconds} seconds")
    )
    try:
        return writer.foreachBatch(batches).start()
    except AnalysisException as error:
        raise RunError(
            f"{table}: Spark cannot run its query as a stream: {first_line(error)}", code="RUN123"
        ) from None


def _judge(run: RunContext) -> None:
    """A topic that is mostly broken has been read to its end nevertheless; only then is it said."""
    if run.env.streams.trigger != "available_now":
        return
    for table, counts in run.counts.items():
        run.report_broken_source(table, counts, "see its quarantine")
