"""Finds the operation that a request names, and answers it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.core.models import DEFAULT_ACCOUNT_ID

_JSON = "application/x-amz-json-1.1"


class ApiError(Exception):
    """An error as the service itself would send it."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Call:
    """One request. Header names are lower case; `path_values` are the groups of the operation's path.

    `airflow_role`: the role of Airflow that IAM lets the caller have; the account's owner has the strongest.
    """

    service: str
    region: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    path_values: dict[str, str] = field(default_factory=dict)
    account: str = DEFAULT_ACCOUNT_ID
    airflow_role: str = "Admin"

    @property
    def access_key(self) -> str:
        """The id of the key that signed the request."""
        return self.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]

    @property
    def is_of_session(self) -> bool:
        """Whether keys of a role's session signed it; all others are those of the account's owner."""
        return self.access_key.startswith("ASIA")

    @cached_property
    def params(self) -> dict[str, Any]:
        return json.loads(self.body) if self.body else {}

    @cached_property
    def query_values(self) -> dict[str, list[str]]:
        """The parameters of the query string."""
        return parse_qs(self.query, keep_blank_values=True)

    @property
    def target(self) -> str:
        """`ListTagsForResource` of `X-Amz-Target: AmazonAthena.ListTagsForResource`."""
        return self.headers.get("x-amz-target", "").rpartition(".")[2]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Call], dict[str, Any] | Reply | None]
_BY_TARGET: dict[tuple[str, str], Answer] = {}
_BY_PATH: list[tuple[str, str, re.Pattern[str], Answer]] = []


def target(service: str, name: str) -> Callable[[Answer], Answer]:
    """Register the answer to an operation that a header names. Requests are signed for `service`."""

    def register(answers: Answer) -> Answer:
        _BY_TARGET[service, name] = answers
        return answers

    return register


def path(service: str, method: str, pattern: str) -> Callable[[Answer], Answer]:
    """Register the answer to an operation that method and path name. Its groups are in `Call.path_values`."""

    def register(answers: Answer) -> Answer:
        _BY_PATH.append((service, method, re.compile(pattern), answers))
        return answers

    return register


def parse(method: str, url_path: str, query: str, headers: Mapping[str, str], body: bytes) -> Call | None:
    """The request as a call of the service that it is signed for; None for an unsigned one."""
    scope = headers.get("authorization", "").split("/", 4)
    if len(scope) != 5:
        return None
    # botocore compresses large requests of some operations, such as PutMetricData. S3 stores what it is sent.
    if headers.get("content-encoding") == "gzip" and scope[3] != "s3":
        body = gzip.decompress(body)
    return Call(scope[3], scope[2], method, url_path, query, headers, body)


def answer(call: Call) -> Reply | None:
    """The reply of the operation that is registered for the call; None when there is none."""
    operation = _find(call)
    if operation is None:
        return None
    answers, call = operation
    try:
        content = answers(call)
    except ApiError as error:
        text = json.dumps({"__type": error.code, "message": str(error), "Message": str(error)})
        return Reply(error.status, {"Content-Type": _JSON, "x-amzn-ErrorType": error.code}, text.encode())
    if isinstance(content, dict):
        return Reply(200, {"Content-Type": _JSON}, json.dumps(content).encode())
    return content


def _find(call: Call) -> tuple[Answer, Call] | None:
    if (by_target := _BY_TARGET.get((call.service, call.target))) is not None:
        return by_target, call
    for service, method, pattern, answers in _BY_PATH:
        match = pattern.fullmatch(call.path) if (service, method) == (call.service, call.method) else None
        if match is not None:
            values = {name: unquote(value) for name, value in match.groupdict().items()}
            return answers, replace(call, path_values=values)
    return None
