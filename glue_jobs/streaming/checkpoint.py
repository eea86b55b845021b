"""Reads and owns the checkpoint of a stream: whose it is, and which offsets a micro-batch covers."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from glue_jobs.aws import Aws
from glue_jobs.errors import RunError
from glue_jobs.sources.kafka_offsets import require_same_topic
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone

IDENTITY = "identity.json"
# Topic partition → the next offset to read.
Offsets = dict[int, int]


@dataclass(frozen=True)
class OffsetSpan:
    """The offsets of micro-batch `batch`: it starts at `begin` and ends before `until`.

    `began` is the batch's time, the same however often it is written.
    """

    batch: int
    begin: Offsets
    until: Offsets
    began: datetime


@dataclass(frozen=True)
class Identity:
    """The query that a checkpoint belongs to.

    `stream` names the query's transactions. A new checkpoint has another one, because its batches begin at 0
    again.
    """

    stream: str
    job: str
    task: str
    table: str
    topic: str
    made_at: str
    topic_id: str = ""

    def __str__(self) -> str:
        return (
            f"job {self.job}, task {self.task}, which fills {self.table} from topic {self.topic}, "
            f"made {self.made_at[:10]}"
        )


class Checkpoint:
    """The checkpoint of one query: a folder in the checkpoints zone."""

    def __init__(self, env: Environment, aws: Aws, path: str) -> None:
        self._s3, self._bucket, self._path = aws.s3, names.bucket(env, Zone.CHECKPOINTS), path
        self.uri = f"s3://{self._bucket}/{path}"

    def claim(self, job: str, task: str, table: str, topic: str, topic_id: str = "") -> Identity:
        """The identity of this query's checkpoint; a new checkpoint becomes this query's.

        `topic_id`: the id that the brokers gave the topic, empty where they give none. Raises RunError: the
        checkpoint belongs to another query (RUN120) or topic (RUN144), or does not say to which (RUN121).
        """
        text = self._get(IDENTITY)
        if text is None:
            return self._claim_new(job, task, table, topic, topic_id)
        owner = self._identity(text)
        if (owner.job, owner.task, owner.table, owner.topic) != (job, task, table, topic):
            query = f"job {job}, task {task}, {table} from topic {topic}"
            raise RunError(
                f"{self.uri} is the checkpoint of {owner}; it cannot be that of {query}. "
                "Name another checkpoint_path",
                code="RUN120",
            )
        require_same_topic(
            f"{table}: Kafka topic {topic}",
            owner.topic_id,
            topic_id,
            f"remove the checkpoint {self.uri}, or name another checkpoint_path, and it is read from "
            "its first offset: docs/errors/RUN144.md",
        )
        if topic_id and not owner.topic_id:
            # An earlier release did not keep the id.
            owner = replace(owner, topic_id=topic_id)
            self._put(IDENTITY, json.dumps(asdict(owner), indent=2))
        return owner

    def _claim_new(self, job: str, task: str, table: str, topic: str, topic_id: str) -> Identity:
        if self._exists():
            raise RunError(
                f"{self.uri} holds a checkpoint that does not say whose it is ({IDENTITY} is missing); "
                "name another checkpoint_path, or remove it if nobody needs it",
                code="RUN121",
            )
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        identity = Identity(str(uuid.uuid4()), job, task, table, topic, made_at, topic_id)
        self._put(IDENTITY, json.dumps(asdict(identity), indent=2))
        return identity

    def _identity(self, text: str) -> Identity:
        try:
            return Identity(**json.loads(text))
        except (ValueError, TypeError):
            raise RunError(
                f"{self.uri}/{IDENTITY} does not say whose checkpoint this is; "
                "it was damaged or made by hand",
                code="RUN121",
            ) from None

    def span(self, batch: int, previous: OffsetSpan | None = None) -> OffsetSpan:
        """The offsets of a micro-batch; `previous` is the span of an earlier one.

        A new partition begins at 0.
        """
        # Spark writes this file before it begins a batch.
        text = self._get(f"offsets/{batch}") or ""
        until = _offsets(text)
        if previous and previous.batch == batch - 1:
            begin = previous.until
        else:
            begin = _offsets(self._get(f"offsets/{batch - 1}" if batch else "sources/0/0"))
        return OffsetSpan(batch, {p: begin.get(p, 0) for p in until}, until, _batch_time(text))

    def write_note(self, name: str, value: Any) -> None:
        """Keeps a JSON value beside the checkpoint."""
        self._put(name, json.dumps(value))

    def read_note(self, name: str) -> Any:
        """The JSON value that was kept; None when there is none."""
        text = self._get(name)
        return None if text is None else json.loads(text)

    def _exists(self) -> bool:
        page = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=f"{self._path}/", MaxKeys=1)
        return bool(page.get("KeyCount"))

    def _get(self, name: str) -> str | None:
        try:
            response = self._s3.get_object(Bucket=self._bucket, Key=f"{self._path}/{name}")
        except self._s3.exceptions.NoSuchKey:
            return None
        return response["Body"].read().decode()

    def _put(self, name: str, body: str) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=f"{self._path}/{name}", Body=body.encode())


def _batch_time(text: str) -> datetime:
    """The time in a file of Spark's offsets. Its lines: version, settings with the time, then offsets."""
    millis = json.loads(text.splitlines()[1])["batchTimestampMs"]
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=millis)


def _offsets(text: str | None) -> Offsets:
    """The offsets in a file of Spark's: its last line is {topic: {partition: offset}}."""
    last = (text or "{}").strip().rsplit("\n", 1)[-1]
    return {
        int(p): int(offset)
        for partitions in json.loads(last[last.index("{") :]).values()
        for p, offset in partitions.items()
    }
