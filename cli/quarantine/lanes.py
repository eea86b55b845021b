"""Reads the error lanes as they lie in S3."""

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
class Lane:
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


def lanes(env: Environment, table: str | None = None) -> list[Lane]:
    prefix = f"{prefixes.quarantine(table) if table else prefixes.QUARANTINE}/"
    bucket = names.bucket(env, Zone.QUARANTINE)
    found: dict[str, Lane] = {}
    for item in list_objects(clients(env).s3, S3Uri(bucket, prefix)):
        place = _KEY.match(item["Key"])
        if place and item["Key"].endswith(".json"):
            uri = f"s3://{bucket}/{place[0]}"
            lane = found.setdefault(
                uri, Lane(f"{place['layer']}.{place['name']}", place["day"], place["run"], uri, [])
            )
            lane.keys.append(item["Key"])
            lane.size += item["Size"]
    return sorted(found.values(), key=lambda lane: (lane.table, lane.day, lane.run_id))


def first_rows(env: Environment, found: list[Lane], most: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    s3, bucket = clients(env).s3, names.bucket(env, Zone.QUARANTINE)
    for lane in found:
        for key in lane.keys:
            for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines():
                if len(rows) == most:
                    return rows
                rows.append(json.loads(line))
    return rows
