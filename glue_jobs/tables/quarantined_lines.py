"""Reads the rejected rows of a table out of its quarantine, one line after another, without Spark."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from glue_jobs.s3 import S3Uri, list_keys
from lakehouse.environments import prefixes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_KEY = re.compile(
    rf"^{prefixes.QUARANTINE}/(?P<layer>\w+)/(?P<name>\w+)/dt=(?P<day>[\d-]+)/run_id=(?P<run>[\w-]+)/"
)


@dataclass(frozen=True)
class QuarantinedLine:
    """One rejected row. `row` holds the values as the source sent them, `raw` a line that cannot be parsed.

    `id` follows from the folder and the content: a batch that is done again gives the same ids. Numbers of
    `row` are int or Decimal, with every digit.
    """

    id: str
    table: str
    day: str
    run_id: str
    reasons: tuple[str, ...]
    source_position: str | None
    raw: str | None
    row: dict[str, Any] = field(default_factory=dict)


def line_folder(key: str) -> re.Match[str] | None:
    """The groups layer, name, day and run of the key of a file of rejected rows; None for any other key."""
    return _KEY.match(key) if key.endswith(".json") else None


def quarantined_lines(s3: S3Client, bucket: str, table: str) -> Iterator[QuarantinedLine]:
    """Every rejected row of a table, by day and run. The notes of a stream's gaps are no rows."""
    prefix = S3Uri(bucket, prefixes.quarantine(table)).folder
    return lines_of(s3, bucket, (key for key in list_keys(s3, prefix) if line_folder(key)))


def lines_of(s3: S3Client, bucket: str, keys: Iterable[str]) -> Iterator[QuarantinedLine]:
    """The rejected rows of some files of the quarantine, which stand in the order of their keys."""
    repeated: Counter[str] = Counter()
    for key in keys:
        match = line_folder(key)
        for text in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines() if match else ():
            document = json.loads(text, parse_float=Decimal)
            if match is None or (document["row"] is None and document["raw"] is None):
                continue
            content = document.get("row_hash") or hashlib.sha256(text).hexdigest()
            name = hashlib.sha256(f"{key.rpartition('/')[0]}\n{content}".encode()).hexdigest()[:16]
            repeated[name] += 1
            yield QuarantinedLine(
                name if repeated[name] == 1 else f"{name}-{repeated[name]}",
                f"{match['layer']}.{match['name']}",
                match["day"],
                match["run"],
                tuple(document["reasons"]),
                document["source_position"],
                document["raw"],
                document["row"] or {},
            )


def exact_json(value: Any) -> str:
    """JSON of a value with every digit of its Decimals."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(str(k))}: {exact_json(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(exact_json, value))}]"
    return json.dumps(value, ensure_ascii=False)
