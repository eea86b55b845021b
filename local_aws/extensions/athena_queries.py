"""Athena's queries. Without a place to execute they stay moto's, which answers none."""

from __future__ import annotations

import re
from typing import Any

from moto.athena.models import athena_backends

from local_aws.athena.executions import FAILED, RUNNING, QueryExecution, text_of
from local_aws.athena.query_error import QueryError
from local_aws.athena.table_access import TableAccess, is_governed, table_access
from local_aws.athena.visible import Access
from local_aws.athena.workgroups import remember
from local_aws.extensions.calls import ApiError, Call, target
from local_aws.functions.calls import current
from local_aws.iam.actions import DATA_ACCESS
from local_aws.iam.guard import refusal
from local_aws.iam.sessions import Sessions

_PAGE = 1000
_PRECISION = re.compile(r"decimal\((\d+),(\d+)\)")
_executions: dict[str, QueryExecution] = {}
_sessions = Sessions()


@target("athena", "StartQueryExecution")
def start(call: Call) -> dict[str, Any] | None:
    host = current()
    if host is None:
        return None
    name = call.params.get("WorkGroup", "primary")
    group = athena_backends[call.account][call.region].work_groups.get(name)
    if group is None:
        raise ApiError("InvalidRequestException", f"WorkGroup {name} is not found.")
    configured = group.configuration.get("ResultConfiguration", {}).get("OutputLocation")
    requested = call.params.get("ResultConfiguration", {}).get("OutputLocation")
    enforced = group.configuration.get("EnforceWorkGroupConfiguration", True)
    output = configured if enforced and configured else requested or configured
    if not output:
        message = (
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
        raise ApiError("InvalidRequestException", message)
    database = call.params.get("QueryExecutionContext", {}).get("Database", "default")
    execution = QueryExecution(call.params["QueryString"], database, name, output, _access(call))
    _executions[execution.id] = execution
    remember(execution.id, name)
    execution.start(host, call.region)
    return {"QueryExecutionId": execution.id}


@target("athena", "GetQueryExecution")
def get(call: Call) -> dict[str, Any] | None:
    if current() is None:
        return None
    return {"QueryExecution": _execution(call).described()}


@target("athena", "GetQueryResults")
def results(call: Call) -> dict[str, Any] | None:
    """The header is the first row of the first page, as of Athena."""
    if current() is None:
        return None
    execution = _execution(call)
    if execution.state in (RUNNING, FAILED):
        message = f"Query has not yet finished. Current state: {execution.state}"
        raise ApiError("InvalidRequestException", message)
    answer = execution.answer
    lines = [tuple(name for name, _ in answer.columns), *answer.rows]
    first, size = int(call.params.get("NextToken") or 0), int(call.params.get("MaxResults") or _PAGE)
    rows = [{"Data": [_datum(value) for value in line]} for line in lines[first : first + size]]
    columns = [_column(name, kind) for name, kind in answer.columns]
    page: dict[str, Any] = {"ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": columns}}}
    return {**page, "NextToken": str(first + size)} if first + size < len(lines) else page


def _access(call: Call) -> Access | None:
    """What the role that asks may read by Lake Formation; None for the account's owner."""
    if not call.is_of_session:
        return None
    role, region = _sessions.principal(call.account, call.access_key).identity.role_arn, call.region

    def access(location: str, name: tuple[str, str], columns: list[str]) -> TableAccess | None:
        if not is_governed(call.account, region, location):
            return None
        # Athena gets at the files of a registered location by Lake Formation's keys alone.
        if (message := refusal(call, DATA_ACCESS)) is not None:
            raise QueryError(message)
        return table_access(region, role, *name, columns)

    return access


def _execution(call: Call) -> QueryExecution:
    execution = _executions.get(call.params["QueryExecutionId"])
    if execution is None:
        name = call.params["QueryExecutionId"]
        raise ApiError("InvalidRequestException", f"QueryExecution {name} was not found")
    return execution


def _datum(value: Any) -> dict[str, str]:
    text = text_of(value)
    return {} if text is None else {"VarCharValue": text}


def _column(name: str, kind: str) -> dict[str, Any]:
    numbers = _PRECISION.fullmatch(kind)
    precision, scale = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": "decimal" if numbers else kind,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind == "varchar",
    }
