"""Reads quarantined rows from S3."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_objects
from lakehouse.environments import Environment, names, prefixes
from lakehouse.environments.names import Zone

_KEY = re.compile(
    rf"^{prefixes.QUARANTINE}/(?P<layer>\w+)/(?P<name>\w+)/dt=(?P<day>[\d-]+)/run_id=(?P<run>[\w-]+)/"
)


@dataclass
class QuarantinedRows:
    """One run's rejected rows of one table; `size` in bytes."""

    table: str
    day: str
    run_id: str
    uri: str
    keys: list[str]
    size: int = 0

    @property
    def files(self) -> int:
        return len(self.keys)


def quarantined_rows(env: Environment, table: str | None = None) -> list[QuarantinedRows]:
    """The rejected rows in the quarantine zone, by table, day and run; of one table when it is given."""
    prefix = f"{prefixes.quarantine(table) if table else prefixes.QUARANTINE}/"
    bucket = names.bucket(env, Zone.QUARANTINE)
    by_uri: dict[str, QuarantinedRows] = {}
    for item in list_objects(clients(env).s3, S3Uri(bucket, prefix)):
        match = _KEY.match(item["Key"])
        if match and item["Key"].endswith(".json"):
            uri = f"s3://{bucket}/{match[0]}"
            rejected = by_uri.setdefault(
                uri, QuarantinedRows(f"{match['layer']}.{match['name']}", match["day"], match["run"], uri, [])
            )
            rejected.keys.append(item["Key"])
            rejected.size += item["Size"]
    return sorted(by_uri.values(), key=lambda r: (r.table, r.day, r.run_id))


def first_rows(env: Environment, quarantined: list[QuarantinedRows], max_rows: int) -> list[dict[str, Any]]:
    """The first `max_rows` rejected rows, each as its JSON object."""
    rows: list[dict[str, Any]] = []
    s3, bucket = clients(env).s3, names.bucket(env, Zone.QUARANTINE)
    for rejected in quarantined:
        for key in rejected.keys:
            for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines():
                if len(rows) == max_rows:
                    return rows
                rows.append(json.loads(line))
    return rows
