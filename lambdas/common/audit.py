"""What the functions read of the run audit: the rows of some logical dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from lambdas.common import aws

# The index that finds the runs of a logical date, as lakehouse/environments/control.py makes it.
BY_DATE = "by_date"


@dataclass(frozen=True)
class Counts:
    rows_in: int = 0
    written: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class Run:
    """One row. `status` is RUNNING, SUCCEEDED or FAILED; a killed run says RUNNING for ever."""

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
        return self.status == "SUCCEEDED"


def runs_of(table: str, dates: Iterable[date], job: str = "") -> list[Run]:
    """Every run of these logical dates, the newest first within each; of one job or of all."""
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
    from boto3.dynamodb.types import TypeDeserializer

    row = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
    return Run(
        run_id=row["pk"],
        job=row["job"],
        run_date=date.fromisoformat(row["run_date"]),
        status=row["status"],
        started_at=datetime.fromisoformat(row["started_at"]).astimezone(UTC),
        seconds=float(row["seconds"]),
        tables={
            t: Counts(int(c["rows_in"]), int(c["written"]), int(c["quarantined"]))
            for t, c in row["tables"].items()
        },
        error_code=row["error_code"],
        error=row["error"],
    )
