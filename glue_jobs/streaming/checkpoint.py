"""Where a stream is: Spark's own checkpoint, whose it is, and which offsets a micro-batch covers."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from glue_jobs.aws import Aws
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone

IDENTITY = "identity.json"
# Topic partition → the next offset to read.
Offsets = dict[int, int]


@dataclass(frozen=True)
class Span:
    """Of micro-batch `batch`: the offsets that it begins at and ends before, and the time that it has, however often it is done."""

    batch: int
    begin: Offsets
    until: Offsets
    began: datetime


@dataclass(frozen=True)
class Identity:
    """`stream` names the query's transactions: a checkpoint that is made anew has another, because its batches begin at 0 again."""

    stream: str
    job: str
    task: str
    table: str
    topic: str
    made_at: str

    def __str__(self) -> str:
        return f"job {self.job}, task {self.task}, which fills {self.table} from topic {self.topic}, made {self.made_at[:10]}"


class Checkpoint:
    """The checkpoint of one query: a folder in the zone of checkpoints."""

    def __init__(self, env: Environment, aws: Aws, path: str) -> None:
        self._s3, self._bucket, self._path = aws.s3, names.bucket(env, Zone.CHECKPOINTS), path
        self.uri = f"s3://{self._bucket}/{path}"

    def claim(self, job: str, task: str, table: str, topic: str) -> Identity:
        """Whose checkpoint this is; a new one becomes this query's. Raises RunError: it is another's (RUN120), or nobody's (RUN121)."""
        found = self._get(IDENTITY)
        if found is None:
            if self._exists():
                raise RunError(
                    f"{self.uri} holds a checkpoint that does not say whose it is ({IDENTITY} is missing); "
                    "name another checkpoint_path, or remove it if nobody needs it",
                    code="RUN121",
                )
            made = Identity(
                str(uuid.uuid4()), job, task, table, topic, datetime.now(UTC).isoformat(timespec="seconds")
            )
            self._put(IDENTITY, json.dumps(asdict(made), indent=2))
            return made
        whose = self._identity(found)
        if (whose.job, whose.task, whose.table, whose.topic) != (job, task, table, topic):
            here = f"job {job}, task {task}, {table} from topic {topic}"
            raise RunError(
                f"{self.uri} is the checkpoint of {whose}; it cannot be that of {here}. Name another checkpoint_path",
                code="RUN120",
            )
        return whose

    def _identity(self, text: str) -> Identity:
        try:
            return Identity(**json.loads(text))
        except (ValueError, TypeError):
            raise RunError(
                f"{self.uri}/{IDENTITY} does not say whose checkpoint this is; it was damaged or made by hand",
                code="RUN121",
            ) from None

    def span(self, batch: int, before: Span | None = None) -> Span:
        """What a micro-batch covers; `before`: what an earlier one covered. A partition that is new begins at 0."""
        # Spark writes it before it begins a batch.
        text = self._get(f"offsets/{batch}") or ""
        until = _offsets(text)
        if before and before.batch == batch - 1:
            begin = before.until
        else:
            begin = _offsets(self._get(f"offsets/{batch - 1}" if batch else "sources/0/0"))
        return Span(batch, {p: begin.get(p, 0) for p in until}, until, _began(text))

    def note(self, name: str, value: Any) -> None:
        self._put(name, json.dumps(value))

    def noted(self, name: str) -> Any:
        found = self._get(name)
        return None if found is None else json.loads(found)

    def _exists(self) -> bool:
        return bool(
            self._s3.list_objects_v2(Bucket=self._bucket, Prefix=f"{self._path}/", MaxKeys=1).get("KeyCount")
        )

    def _get(self, name: str) -> str | None:
        try:
            return (
                self._s3.get_object(Bucket=self._bucket, Key=f"{self._path}/{name}")["Body"].read().decode()
            )
        except self._s3.exceptions.NoSuchKey:
            return None

    def _put(self, name: str, body: str) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=f"{self._path}/{name}", Body=body.encode())


def _began(text: str) -> datetime:
    """Of a file of Spark's: version, settings with the time, then offsets, a line each."""
    millis = json.loads(text.splitlines()[1])["batchTimestampMs"]
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=millis)


def _offsets(text: str | None) -> Offsets:
    """Of a file of Spark's: its version and settings, and in the end {topic: {partition: offset}}."""
    last = (text or "{}").strip().rsplit("\n", 1)[-1]
    return {
        int(p): int(offset)
        for partitions in json.loads(last[last.index("{") :]).values()
        for p, offset in partitions.items()
    }
