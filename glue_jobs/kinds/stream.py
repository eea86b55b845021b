"""Streams: one application, a query for each table that the job fills."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from environments import names
from glue_jobs.run_context import RunContext
from glue_jobs.session import job_session
from glue_jobs.sources.kafka_offsets import topic_bounds
from glue_jobs.state.lease import lease
from glue_jobs.streams.checkpoint import Checkpoint
from glue_jobs.streams.frames import Frames
from glue_jobs.streams.query import Batches
from glue_jobs.streams.sinks import Append
from glue_jobs.streams.tasks import Task, tasks_of
from glue_jobs.streams.watch import stopped_by_signals, watch
from glue_jobs.tables.log import Txn
from glue_jobs.tables.target import Target, append
from pipelines import Job


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
        with lease(run.env, f"stream.{run.job.name}", run.run_id), stopped_by_signals(self.stopping):
            session = job_session(run.session)
            frames = Frames(run, session, self.tasks)
            topics = {frames.source(task).lake.source.object: frames.source(task).table for task in self.tasks}
            for topic, table in topics.items():
                topic_bounds(topic, frames.settings(), table)
            ready = [self._ready(run, frames, task) for task in self.tasks]
            watch({b.contract.table: (self._start(run, b), b) for b in ready}, self.stopping)

    def _ready(self, run: RunContext, frames: Frames, task: Task) -> Batches:
        contract = run.contract(task.table)
        checkpoint = Checkpoint(run.env, run.aws, names.checkpoint(run.job.name, task.name, str(run.params.get("checkpoint_path") or "")))
        topic = frames.source(task).lake.source.object
        identity = checkpoint.claim(run.job.name, task.name, task.table, topic)
        target = Target(run.session, run.uri(task.table), contract, Txn(f"{identity.stream}.made", 1, ""), lambda: None)
        if target.version < 0:
            append(target, run.session.createDataFrame([], contract.ddl))
        return Batches(run, contract, frames.of(task), identity, checkpoint, Append(run, contract), self.stopping)

    def _start(self, run: RunContext, batches: Batches) -> Any:
        writer = batches.checked.rows.writeStream.queryName(f"{run.job.name}.{batches.contract.table}")
        writer = writer.option("checkpointLocation", batches.checkpoint.uri).outputMode("append")
        facts = run.env.streams
        writer = writer.trigger(availableNow=True) if facts.trigger == "available_now" else writer.trigger(processingTime=f"{facts.seconds} seconds")
        return writer.foreachBatch(batches).start()
