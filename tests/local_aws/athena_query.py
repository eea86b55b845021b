"""Queries of the embedded Athena, as their tests ask them."""

from __future__ import annotations

import time
from typing import Any


def ended(athena: Any, sql: str, workgroup: str) -> dict[str, Any]:
    """The execution of a query, once it has ended."""
    started = athena.start_query_execution(QueryString=sql, WorkGroup=workgroup)
    while True:
        answer = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])
        execution: dict[str, Any] = answer["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return execution
        time.sleep(0.05)


def lines(athena: Any, execution: dict[str, Any]) -> list[list[str | None]]:
    """The header and the rows of the first page of an answer."""
    page = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    return [[datum.get("VarCharValue") for datum in row["Data"]] for row in page["ResultSet"]["Rows"]]
