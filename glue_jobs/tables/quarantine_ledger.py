"""What became of the rejected rows of a table: replayed, discarded, or open still.

A replay is a folder `replays/<id>/` of the table's quarantine: `request.json`, who asked for it,
`rows.jsonl`, the rows as they are tried, `failed/`, those that broke their contract again, and `done.json`,
written last. A discard is one file `discards/<id>.jsonl`. What was quarantined is never changed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glue_jobs.s3 import S3Uri, list_keys
from lakehouse.environments import Environment, names, prefixes
from lakehouse.environments.names import Zone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from glue_jobs.tables.quarantined_lines import QuarantinedLine

OPEN, REPLAYED, DISCARDED = "open", "replayed", "discarded"
REQUEST, ROWS, FAILED, DONE = "request.json", "rows.jsonl", "failed", "done.json"


@dataclass(frozen=True)
class Decision:
    """What became of one row. `reasons`: of an open one, why its last replay failed; of a discard, why."""

    state: str
    reasons: tuple[str, ...] = ()
    by: str = ""
    at: str = ""


@dataclass(frozen=True)
class Books:
    """Rows of one table's quarantine: quarantined = open + replayed + discarded."""

    quarantined: int = 0
    open: int = 0
    replayed: int = 0
    discarded: int = 0


def replay_folder(env: Environment, table: str, replay: str) -> S3Uri:
    """The folder of one replay."""
    return S3Uri(names.bucket(env, Zone.QUARANTINE), f"{prefixes.replays(table)}/{replay}")


def discard_file(env: Environment, table: str, discard: str) -> S3Uri:
    """The file of one discard."""
    return S3Uri(names.bucket(env, Zone.QUARANTINE), f"{prefixes.discards(table)}/{discard}.jsonl")


def read_text(s3: S3Client, file: S3Uri) -> str | None:
    """The text of an object; None where it does not exist."""
    if file.key not in list_keys(s3, file):
        return None
    return s3.get_object(Bucket=file.bucket, Key=file.key)["Body"].read().decode()


def is_done(s3: S3Client, replay: S3Uri) -> bool:
    """Whether a replay has ended."""
    done = replay.child(DONE)
    return done.key in list_keys(s3, done)


def decisions(s3: S3Client, bucket: str, table: str, *, but: str = "") -> dict[str, Decision]:
    """Row id → what became of it, of the rows that were tried or discarded; without those of replay `but`."""
    decided: dict[str, Decision] = {}
    for done, keys in sorted(_replays(s3, bucket, table), key=lambda replay: str(replay[0]["at"])):
        if done["replay"] == but:
            continue
        for document in _documents(s3, bucket, [key for key in keys if key.endswith(f"/{ROWS}")]):
            decided[document["id"]] = Decision(REPLAYED, (), done["by"], done["at"])
        for document in _documents(s3, bucket, [key for key in keys if f"/{FAILED}/" in key]):
            decided[document["id"]] = Decision(OPEN, tuple(document["reasons"]), done["by"], done["at"])
    folder = S3Uri(bucket, prefixes.discards(table)).folder
    for document in _documents(s3, bucket, list_keys(s3, folder)):
        decided[document["id"]] = Decision(DISCARDED, (document["reason"],), document["by"], document["at"])
    return decided


def books(lines: Iterable[QuarantinedLine], decided: dict[str, Decision]) -> Books:
    """Counts the rows of one table by their state."""
    states = Counter(decided[line.id].state if line.id in decided else OPEN for line in lines)
    return Books(states.total(), states[OPEN], states[REPLAYED], states[DISCARDED])


def put_lines(s3: S3Client, file: S3Uri, documents: Iterable[dict[str, Any]]) -> int:
    """Writes JSON lines in one upload, from a file on disk; returns how many."""
    import tempfile

    number = 0
    with tempfile.TemporaryFile() as spool:
        for document in documents:
            spool.write(json.dumps(document, ensure_ascii=False).encode() + b"\n")
            number += 1
        spool.seek(0)
        s3.upload_fileobj(spool, file.bucket, file.key)
    return number


def put_done(s3: S3Client, folder: S3Uri, facts: dict[str, Any]) -> None:
    """Ends a replay: from now on its rows count as replayed, but for those that failed."""
    done = folder.child(DONE)
    s3.put_object(Bucket=done.bucket, Key=done.key, Body=json.dumps(facts).encode())


def _replays(s3: S3Client, bucket: str, table: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """(facts, keys) of each replay that has ended."""
    folders: dict[str, list[str]] = {}
    root = S3Uri(bucket, prefixes.replays(table)).folder
    for key in list_keys(s3, root):
        folders.setdefault(key.removeprefix(root.key).split("/")[0], []).append(key)
    for keys in folders.values():
        done = next((key for key in keys if key.endswith(f"/{DONE}")), None)
        if done:
            yield json.loads(s3.get_object(Bucket=bucket, Key=done)["Body"].read()), keys


def _documents(s3: S3Client, bucket: str, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
    for key in keys:
        for text in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines():
            yield json.loads(text)
