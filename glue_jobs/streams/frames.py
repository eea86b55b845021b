"""The rows of each query, before a micro-batch of them is written: one plan, made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract import Checked, masked, validate_and_quarantine
from glue_jobs.contract.validate import BAD
from glue_jobs.errors import RunError
from glue_jobs.kinds.sql import Query
from glue_jobs.sources.kafka_offsets import client_settings
from glue_jobs.streams.messages import CARRIED, REJECT, typed_rows
from glue_jobs.streams.place import is_cdc
from glue_jobs.streams.tasks import Task
from glue_jobs.tables import read
from schemas import Contract

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from glue_jobs.run_context import RunContext
    from glue_jobs.sources.kafka_offsets import Settings

INGESTED = "_ingest_ts"


class Frames:
    """Builds the streaming frames of one job. Each of them has a consumer of its own."""

    def __init__(self, run: RunContext, session: SparkSession, tasks: list[Task]) -> None:
        self._run, self._session = run, session
        self._tasks = {t.table: t for t in tasks}

    def of(self, task: Task) -> Checked:
        """Every row that the query gives, and whether it is sound."""
        return self._fed(task) if task.statement is None else self._made(task)

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
                f"{contract.table}: its contract names no Kafka topic, so job {self._run.job.name} cannot stream it", code="RUN123"
            )
        return contract

    def settings(self) -> Settings:
        """The brokers: those of the job's own secret, or the environment's."""
        run = self._run
        own = any(p.name == "connection" for p in run.job.params)
        return client_settings(run.secret_of("connection") if own else run.secrets.get(run.env.kafka.secret))

    def _messages(self, contract: Contract) -> DataFrame:
        assert contract.lake.source
        params, facts = self._run.params, self._run.env.kafka
        return (
            self._session.readStream.format("kafka")
            .options(**{f"kafka.{name}": value for name, value in self.settings().spark.items()})
            .option("subscribe", contract.lake.source.object)
            .option("startingOffsets", str(params.get("starting_offsets") or "earliest"))
            .option("maxOffsetsPerTrigger", int(params.get("max_offsets_per_trigger") or facts.max_offsets_per_trigger))
            .option("failOnDataLoss", "true")
            # What a producer took back was never said.
            .option("kafka.isolation.level", "read_committed")
            .load()
        )

    def _fed(self, task: Task) -> Checked:
        contract = self._run.contract(task.table)
        rows = typed_rows(self._messages(contract), contract, self._run.env.streams.max_message_bytes)
        if task.function is not None:
            rows = _passed(rows, task.function, contract)
        if INGESTED in dict(contract.stored):
            # Spark keeps the time of a batch with its offsets, so a batch that is done twice has one time.
            rows = rows.withColumn(INGESTED, F.current_timestamp())
        return _judged_changes(rows, contract) if is_cdc(contract) else _named(validate_and_quarantine(rows, contract))

    def _sound(self, table: str) -> DataFrame:
        """The rows of a sibling's table as they come, masked when they leave bronze."""
        checked = self._fed(self._tasks[table])
        contract = self._run.contract(table)
        rows = checked.rows.where(~checked.bad).select(*contract.column_names)
        if contract.lake.write == "merge" and not is_cdc(contract):
            # The table has each key once, and so has its stream: a message that was sent twice must not be counted twice.
            rows = rows.dropDuplicates(list(contract.primary_key))
        return self._masked(rows, contract)

    def _masked(self, rows: DataFrame, contract: Contract) -> DataFrame:
        if contract.layer != "bronze" or not any(c.lake.mask for c in contract.columns):
            return rows
        return masked(self._session, rows, contract, self._run.secret_of("pii_key")["key"])

    def _made(self, task: Task) -> Checked:
        assert task.statement
        run, contract = self._run, self._run.contract(task.table)
        frames = {
            t.replace(".", "_", 1): self._sound(t)
            if t in task.statement.streams
            else self._masked(read.without_deleted(read.newest(self._session, run.uri(t), t), run.contract(t)), run.contract(t))
            for t in task.statement.reads
        }
        rows = Query(task.statement)(spark=self._session, run_date=run.run_date, params=run.params, **frames)
        lacking = [n for n in contract.column_names if n not in rows.columns]
        if lacking:
            raise RunError(f"{contract.table}: its query returns no column {', '.join(lacking)}", code="RUN204")
        own = [c for c in (REJECT,) if c in rows.columns]
        typed = rows.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in contract.columns], *own)
        return validate_and_quarantine(typed, contract)


def _passed(rows: DataFrame, function: Callable[..., DataFrame], contract: Contract) -> DataFrame:
    out = function(messages=rows)
    lacking = [c for c in rows.columns if c not in out.columns]
    if lacking:
        raise RunError(
            f"{contract.table}: its function returns no column {', '.join(lacking)}; begin with messages and use withColumn", code="RUN204"
        )
    return out


def _named(checked: Checked) -> Checked:
    """A message that was refused has no columns to hold against the rules: its one reason is why it was refused."""
    why: Callable[[], Column] = lambda: F.when(F.col(REJECT).isNotNull(), F.array(REJECT)).otherwise(checked.why())  # noqa: E731
    return replace(checked, why=why)


def _judged_changes(rows: DataFrame, contract: Contract) -> Checked:
    """A deletion need not say more than which row it is of and when: databases send no more."""
    flag = F.col(str(contract.lake.delete_flag))
    names = {*contract.primary_key, str(contract.lake.sequence), str(contract.lake.delete_flag)}
    part = replace(contract, columns=tuple(c for c in contract.columns if c.name in names))
    deleted = validate_and_quarantine(rows, part)
    whole = validate_and_quarantine(deleted.rows.withColumnRenamed(BAD, "_bad_deletion"), contract)
    judged = whole.rows.withColumn(BAD, F.when(flag, F.col("_bad_deletion")).otherwise(F.col(BAD))).drop("_bad_deletion")
    return _named(Checked(judged, F.col(BAD), lambda: F.when(flag, deleted.why()).otherwise(whole.why())))


__all__ = ["CARRIED", "INGESTED", "Frames"]
