"""Reads runs from the run audit by their logical dates."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from lambdas.common import aws

# The index on run_date, which lakehouse/environments/control.py defines.
BY_DATE = "by_date"
# The large values of an item, compressed: lakehouse/environments/packing.py. Where even these do not fit into
# one item, the run is shown without its tables.
PACKED = "packed"


@dataclass(frozen=True)
class Counts:
    """Rows of one table in one run. `quarantined_files`: landing files of which no row was read."""

    rows_in: int = 0
    written: int = 0
    quarantined: int = 0
    quarantined_files: int = 0


@dataclass(frozen=True)
class Run:
    """One run. `status` is RUNNING, SUCCEEDED or FAILED. A killed run keeps the status RUNNING."""

    run_id: str
    job: str
    run_date: date
    status: str
    started_at: datetime
    seconds: float
    tables: Mapping[str, Counts] = field(default_factory=dict)
    error_code: str = ""
    error: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the run has ended without an error."""
        return self.status == "SUCCEEDED"


def runs_of(table: str, dates: Iterable[date], job: str = "") -> list[Run]:
    """The runs of these logical dates, each date's newest first; of one job, or of all jobs."""
    return [_run(item) for day in dates for item in _items(table, day, job)]


def _items(table: str, day: date, job: str) -> Iterator[Mapping[str, Any]]:
    call: dict[str, Any] = {
        "TableName": table,
        "IndexName": BY_DATE,
        "KeyConditionExpression": "run_date = :day",
        "ExpressionAttributeValues": {":day": {"S": day.isoformat()}},
        "ScanIndexForward": False,
    }
    if job:
        call |= {"FilterExpression": "job = :job"}
        call["ExpressionAttributeValues"][":job"] = {"S": job}
    for page in aws.dynamodb().get_paginator("query").paginate(**call):
        yield from page["Items"]


def _run(item: Mapping[str, Any]) -> Run:
    from boto3.dynamodb.types import TypeDeserializer  # slows a cold start

    row = {name: TypeDeserializer().deserialize(value) for name, value in item.items() if "B" not in value}
    if PACKED in item:
        row |= json.loads(zlib.decompress(bytes(item[PACKED]["B"])))
    return Run(
        run_id=row["pk"],
        job=row["job"],
        run_date=date.fromisoformat(row["run_date"]),
        status=row["status"],
        started_at=datetime.fromisoformat(row["started_at"]).astimezone(UTC),
        seconds=float(row["seconds"]),
        tables={
            t: Counts(
                int(c["rows_in"]),
                int(c["written"]),
                int(c["quarantined"]),
                int(c.get("quarantined_files", 0)),
            )
            for t, c in row.get("tables", {}).items()
        },
        error_code=row["error_code"],
        error=row["error"],
    )
