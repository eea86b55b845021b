"""What a certificate says of an erasure: what, where, how much, who and when, and no value of the person."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.personal_data.scope import Left
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "personal_data/forgotten"


@dataclass
class Certificate:
    """`subject`: a keyed hash. `may_return`: jobs may take rows of the person again.

    `erased`: place → rows, or objects.

    `left`: place → why it may hold the person still, and the last day on which it can, "" where nobody knows.
    """

    subject: str
    column: str
    environment: str
    run_id: str
    who: str
    may_return: bool = False
    began_at: str = field(default_factory=lambda: _now())
    ended_at: str = ""
    erased: dict[str, int] = field(default_factory=dict)
    left: dict[str, Left] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{FOLDER}/{self.subject}/{self.run_id}.json"

    def store(self, s3: S3Client, env: Environment) -> str:
        """Writes it into the artifacts bucket; its URI."""
        self.ended_at = _now()
        body = json.dumps(asdict(self), indent=2).encode()
        bucket = names.bucket(env, Zone.ARTIFACTS)
        s3.put_object(Bucket=bucket, Key=self.key, Body=body, ContentType="application/json")
        return f"s3://{bucket}/{self.key}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
