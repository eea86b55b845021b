"""The process that serves Snowflake's protocol.  `python -m local_aws.snowflake_app PORT`, the password on standard input."""

from __future__ import annotations

import gzip
import hmac
import importlib
import json
import sys

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


# The package has a function of the same name in front of its module.
server = importlib.import_module("fakesnow.server")

# The source's, and the publish target's.
_DATABASES = {"RETAIL": "PUBLIC", "ANALYTICS": "GOLD"}


def app(password: str) -> object:
    """fakesnow lets anybody in; a wrong password is refused here as Snowflake refuses it."""

    async def login(request: Request) -> JSONResponse:
        body = await request.body()
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        given = str(json.loads(body).get("data", {}).get("PASSWORD", ""))
        if not hmac.compare_digest(given.encode(), password.encode()):
            return JSONResponse({"data": {"authnMethod": "SNOWFLAKE"}, "code": "390100", "success": False, "message": "Incorrect username or password was specified."})
        answer: JSONResponse = await server.login_request(request)
        return answer

    for database, schema in _DATABASES.items():
        server.shared_fs.connect(database, schema)
    server.app.router.routes[:] = [
        Route("/session/v1/login-request", login, methods=["POST"]),
        *(route for route in server.routes if route.path != "/session/v1/login-request"),
    ]
    return server.app  # type: ignore[no-any-return]


if __name__ == "__main__":
    uvicorn.run(app(sys.stdin.readline().strip()), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)  # type: ignore[arg-type]
