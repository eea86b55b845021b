"""The operation that a request names, with its parameters, in each of AWS's protocols but that of S3."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session
from botocore.parsers import RpcV2CBORParser

from local_aws.extensions.calls import Call

# Name that requests are signed for → the service's name in botocore.
_SERVICES = {"airflow": "mwaa", "monitoring": "cloudwatch", "email": "ses", "states": "stepfunctions"}
_CBOR = re.compile(r"/service/[^/]+/operation/(\w+)")
_PLACEHOLDER = re.compile(r"\\\{(\w+)(\\\+)?\\\}")

Operation = tuple[str, dict[str, Any]]


def operation_of(call: Call) -> Operation | None:
    """Name and parameters; None for a request that is none of the service's operations."""
    if call.target:
        return call.target, _json(call.body)
    if (match := _CBOR.fullmatch(call.path)) is not None:
        return match[1], _cbor(call.body)
    form = parse_qs(call.body.decode("utf-8", "replace")) if call.body[:1] != b"{" else {}
    values = {**call.query_values, **form}
    if "Action" in values:
        return values["Action"][0], {name: texts[0] for name, texts in values.items()}
    return _rest(call)


def _rest(call: Call) -> Operation | None:
    for name, method, pattern in _paths(_SERVICES.get(call.service, call.service)):
        if method == call.method and (match := pattern.fullmatch(call.path)) is not None:
            values = {key: unquote(text) for key, text in match.groupdict().items()}
            return name, {**_json(call.body), **values}
    return None


@cache
def _paths(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Operation, method and path of a REST service; a fixed path comes before one with placeholders."""
    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return []
    model = session.get_service_model(service)
    operations = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = re.escape(http["requestUri"].partition("?")[0])
        pattern = _PLACEHOLDER.sub(lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", path)
        operations.append((name, http["method"], re.compile(pattern)))
    return sorted(operations, key=lambda operation: operation[2].groups)


def _json(body: bytes) -> dict[str, Any]:
    """The parameters of a JSON body. The payload of a function's call may be any text."""
    try:
        content = json.loads(body) if body else {}
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _cbor(body: bytes) -> dict[str, Any]:
    content: dict[str, Any] = RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body)))
    return content
