"""The process that serves Snowflake's protocol: `python -m local_aws.snowflake_app PORT DATABASES`.

It reads the password from standard input. fakesnow runs the SQL. This module adds a password, results in more
than one batch, and stage files by name.
"""

from __future__ import annotations

import gzip
import hmac
import importlib
import json
import logging
import re
import sys
import uuid
from collections import OrderedDict
from contextvars import ContextVar
from typing import Any

import uvicorn
from fakesnow import copy_into
from fakesnow.transforms import stage
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# It ships no types that a checker can follow.
pa: Any = importlib.import_module("pyarrow")
# The package has a function of the same name in front of its module.
server: Any = importlib.import_module("fakesnow.server")

# Where gold is published to.
_PUBLISHED = {"ANALYTICS": "GOLD"}
_CHUNK_ROWS = 100_000
_RESULTS_KEPT = 16
_QUOTED_STAGE = re.compile(r"\bFROM\s+'(@[^']+)'", re.IGNORECASE)

_rest: ContextVar[list[Any]] = ContextVar("rest")
_results: OrderedDict[str, list[Any]] = OrderedDict()
_source_urls = copy_into._source_urls


def app(password: str, source_databases: dict[str, str]) -> Any:
    async def login(request: Request) -> Response:
        given = str(json.loads(await _body(request)).get("data", {}).get("PASSWORD", ""))
        if not hmac.compare_digest(given.encode(), password.encode()):
            return JSONResponse(
                {
                    "data": {"authnMethod": "SNOWFLAKE"},
                    "code": "390100",
                    "success": False,
                    "message": "Incorrect username or password was specified.",
                }
            )
        answer: Response = await server.login_request(request)
        return answer

    for database, schema in {**source_databases, **_PUBLISHED}.items():
        server.shared_fs.connect(database, schema)
    # It writes statements that fail, with the values of rows that they fail over. The client gets the error.
    server.logger.setLevel(logging.CRITICAL)
    server.to_ipc = _first_chunk
    copy_into._source_urls = _files_of_stage
    ours = [
        Route("/session/v1/login-request", login, methods=["POST"]),
        Route("/queries/v1/query-request", query, methods=["POST"]),
        Route("/chunks/{result}/{number:int}", chunk, methods=["GET"]),
    ]
    server.app.router.routes[:] = [
        *ours,
        *(route for route in server.routes if route.path not in {our.path for our in ours}),
    ]
    return server.app


async def query(request: Request) -> Response:
    """fakesnow's answer; rows beyond the first chunk are left for the client to fetch, as Snowflake does."""
    body = json.loads(await _body(request))
    # The connector's write_pandas quotes the stage, which fakesnow's parser does not know.
    body["sqlText"] = _QUOTED_STAGE.sub(r"FROM \1", body["sqlText"])
    request._body = json.dumps(body).encode()
    request.scope["headers"] = [
        (name, value) for name, value in request.scope["headers"] if name != b"content-encoding"
    ]
    if hasattr(request, "_headers"):
        del request._headers
    rest: list[Any] = []
    token = _rest.set(rest)
    try:
        answer: Response = await server.query_request(request)
    except Exception as error:  # what fakesnow cannot do
        return _refusal(f"{type(error).__name__}: {error}")
    finally:
        _rest.reset(token)
    if answer.status_code == 500:
        return _refusal(str(json.loads(bytes(answer.body)).get("message")))
    return _with_chunks(request, answer, rest) if rest else answer


def _refusal(message: str) -> Response:
    """A statement that failed: the connector would repeat one answered by an HTTP 500 for minutes."""
    return JSONResponse(
        {
            "data": {"errorCode": "000603", "sqlState": "XX000"},
            "code": "000603",
            "message": message,
            "success": False,
        }
    )


def _with_chunks(request: Request, answer: Response, rest: list[Any]) -> Response:
    result = uuid.uuid4().hex
    _results[result] = rest
    while len(_results) > _RESULTS_KEPT:
        _results.popitem(last=False)
    content = json.loads(bytes(answer.body))
    base = f"{request.url.scheme}://{request.url.netloc}/chunks/{result}"
    content["data"]["chunkHeaders"] = {}
    content["data"]["chunks"] = [
        {
            "url": f"{base}/{number}",
            "rowCount": part.num_rows,
            "uncompressedSize": part.nbytes,
            "compressedSize": part.nbytes,
        }
        for number, part in enumerate(rest)
    ]
    return JSONResponse(content)


async def chunk(request: Request) -> Response:
    parts = _results.get(request.path_params["result"])
    if parts is None or request.path_params["number"] >= len(parts):
        return Response(status_code=404)
    return Response(
        await run_in_threadpool(_to_ipc, parts[request.path_params["number"]]),
        media_type="application/octet-stream",
    )


async def _body(request: Request) -> bytes:
    body = await request.body()
    return gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body


def _first_chunk(table: Any) -> bytes:
    parts = [table.slice(at, _CHUNK_ROWS) for at in range(0, table.num_rows, _CHUNK_ROWS)] or [table]
    _rest.get().extend(parts[1:])
    return _to_ipc(parts[0])


def _to_ipc(table: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


def _files_of_stage(source: str, files: list[str]) -> list[str]:
    """`COPY INTO … FILES=(…)` from an internal stage, whose files fakesnow keeps in a folder."""
    return (
        [f"{source.rstrip('/')}/{file}" for file in files]
        if stage.is_internal(source)
        else _source_urls(source, files)
    )


if __name__ == "__main__":
    uvicorn.run(
        app(sys.stdin.readline().strip(), json.loads(sys.argv[2])),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
    )
