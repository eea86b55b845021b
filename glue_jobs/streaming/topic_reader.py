"""Reads the messages of topics as streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glue_jobs.session import cores
from glue_jobs.sources.kafka_offsets import client_settings, topic_bounds, topic_id

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from glue_jobs.run_context import RunContext
    from glue_jobs.sources.kafka_offsets import ClientSettings

# A consumer's default settings suit a service that answers each message; a batch takes messages by the
# thousands. What is fetched beyond the end of a task's piece is discarded, so it is not much. At the end of a
# topic, a broker waits for more messages before it answers anything else.
_FETCH = {"max.poll.records": "5000", "max.partition.fetch.bytes": str(2 * 2**20), "fetch.max.wait.ms": "10"}


class TopicReader:
    """Reads topics of the job's brokers: those of its own secret `connection`, or the environment's."""

    def __init__(self, run: RunContext, session: SparkSession) -> None:
        self._run, self._session = run, session
        self._partitions: dict[str, int] = {}

    def connect(self, topic: str, table: str) -> None:
        """Asks the brokers for the partitions of a topic.

        Raises SourceError when they or the topic are not there.
        """
        self._partitions[topic] = len(topic_bounds(topic, self._settings(), table))

    def topic_id(self, topic: str, table: str) -> str:
        """The id that the brokers gave a topic; empty where they give none."""
        return topic_id(topic, self._settings(), table)

    def messages(self, topic: str) -> DataFrame:
        """The messages of a connected topic, in the columns of Kafka's source."""
        params, facts = self._run.params, self._run.env.kafka
        limit = int(params.get("max_offsets_per_trigger") or facts.max_offsets_per_trigger)
        reader = (
            self._session.readStream.format("kafka")
            .options(**{f"kafka.{name}": value for name, value in (_FETCH | self._settings().spark).items()})
            .option("subscribe", topic)
            .option("startingOffsets", str(params.get("starting_offsets") or "earliest"))
            .option("maxOffsetsPerTrigger", limit)
            .option("failOnDataLoss", "true")
            # Messages of a transaction that the producer aborted are not read.
            .option("kafka.isolation.level", "read_committed")
        )
        if self._run.env.streams.trigger == "available_now":
            # The tasks share the partitions to empty a topic; in the small batches of a stream that runs on,
            # more tasks would write small files.
            pieces = _pieces(self._partitions[topic], cores(self._session))
            reader = reader.option("minPartitions", str(pieces))
        return reader.load()

    def _settings(self) -> ClientSettings:
        run = self._run
        has_secret = any(p.name == "connection" for p in run.job.params)
        secret = run.secret_of("connection") if has_secret else run.secrets.get(run.env.kafka.secret)
        return client_settings(secret)


def _pieces(partitions: int, cores: int) -> int:
    """Tasks that read a batch: as many as keep every core busy to the end, in at most three rounds."""
    max_rounds = max(1, 3 * cores // partitions)
    return partitions * next((k for k in range(1, max_rounds + 1) if partitions * k % cores == 0), max_rounds)
