"""A plugin of Airflow that answers `/aws_mwaa/cli` of its web server, as MWAA's does.

Airflow loads a copy of this file, so it imports nothing of this project.
"""

from __future__ import annotations

import base64
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.plugins_manager import AirflowPlugin
from fastapi import Body, FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse
from jwt import InvalidTokenError

# The user of tokens of the command line. Tokens of the web server and of its API are of other users.
USER = "cli"
# What starts or changes Airflow itself, as the user guide of MWAA lists it (airflow-cli-command-reference).
_UNSUPPORTED = {
    *("api-server", "celery", "dag-processor", "db", "db-manager", "fab-db", "kerberos", "kubernetes"),
    *("rotate-fernet-key", "scheduler", "standalone", "triggerer", "users", "webserver"),
}
_SECONDS = 120
app = FastAPI(title="aws_mwaa")


async def _require_cli(authorization: str) -> None:
    """Raises HTTPException unless the token is one that CreateCliToken has given in the last minute."""
    scheme, _, token = authorization.partition(" ")
    try:
        user: Any = await get_auth_manager().get_user_from_token(token)
    except InvalidTokenError:
        user = None
    if scheme != "Bearer" or user is None or user.get_name() != USER:
        raise HTTPException(403, "Forbidden")


@app.post("/cli")
async def cli(
    command: Annotated[str, Body(media_type="text/plain")], authorization: Annotated[str, Header()] = ""
) -> JSONResponse:
    """Run `dags list` as `airflow dags list`. 400 when the command fails; its outputs come in base64."""
    await _require_cli(authorization)
    from fastapi.concurrency import run_in_threadpool

    code, out, error = await run_in_threadpool(_run, command)
    content = {"stderr": base64.b64encode(error).decode(), "stdout": base64.b64encode(out).decode()}
    return JSONResponse(content, 200 if code == 0 else 400)


def _run(command: str) -> tuple[int, bytes, bytes]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        return 2, b"", str(error).encode()
    if not words or words[0] in _UNSUPPORTED:
        return 2, b"", b"this command is not supported"
    # Without a shell: a command is arguments of Airflow and nothing else.
    program = str(Path(sys.executable).with_name("airflow"))
    try:
        done = subprocess.run(
            [program, *words], capture_output=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return 1, b"", f"the command has not ended in {_SECONDS} s".encode()
    return done.returncode, done.stdout, done.stderr


class AwsMwaa(AirflowPlugin):
    """Mounts the path."""

    name = "aws_mwaa"
    fastapi_apps = [{"app": app, "url_prefix": "/aws_mwaa", "name": "aws_mwaa"}]  # noqa: RUF012
