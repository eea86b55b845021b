"""Calls one deployed function: its zip, its handler, its variables and its role, in a process of its own."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws import slack
from local_aws.functions import runtime
from local_aws.glue.cloudwatch import LogStream
from local_aws.glue.host import GlueHost
from local_aws.iam.assumption import AssumptionError, role_session

_SERVICE = "lambda.amazonaws.com"
# Of the platform's own variables a function gets only these.
_INHERITED = ("PATH", "LANG", "LC_ALL")


class FunctionError(Exception):
    """A function raised, ran out of time, or could not be started. `kind` is the error's type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Function:
    """What a call needs of a function's configuration. `dead_letters` is the ARN of its queue."""

    name: str
    arn: str
    role: str
    handler: str
    code: bytes
    variables: dict[str, str]
    seconds: int
    memory_mb: int
    dead_letters: str | None

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]


def call(host: GlueHost, function: Function, event: Any) -> Any:
    """The handler's result. What it prints goes to the function's log group. Raises FunctionError."""
    try:
        keys = role_session(host, function.region, function.role, _SERVICE, function.name)
    except AssumptionError as error:
        raise FunctionError("AccessDenied", str(error)) from error
    folder = Path(tempfile.mkdtemp(prefix="function-"))
    try:
        return _run(host, function, event, keys, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(host: GlueHost, function: Function, event: Any, keys: dict[str, str], folder: Path) -> Any:
    with zipfile.ZipFile(io.BytesIO(function.code)) as archive:
        archive.extractall(folder / "code")
    variables = _variables(host, function, keys, folder)
    result, output = folder / "result.json", folder / "output.log"
    command = [sys.executable, "-I", "-S", runtime.__file__, function.handler, str(result), *_path(folder)]
    with output.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=out, stderr=out, cwd=folder, env=variables
        )
        try:
            process.communicate(json.dumps(event).encode(), timeout=function.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    logs = host.client("logs", function.region, keys)
    group, stream = variables["AWS_LAMBDA_LOG_GROUP_NAME"], variables["AWS_LAMBDA_LOG_STREAM_NAME"]
    LogStream(logs, group, stream, output, makes_group=False).send(ended=True)
    return _outcome(function, process.returncode, result)


def _outcome(function: Function, code: int, result: Path) -> Any:
    if not result.exists():
        if code < 0:
            raise FunctionError("Sandbox.Timedout", f"Task timed out after {function.seconds}.00 seconds")
        raise FunctionError("Runtime.ExitError", f"Runtime exited with error: exit status {code}")
    answer = json.loads(result.read_text(encoding="utf-8"))
    if "error" in answer:
        raise FunctionError(answer["type"], answer["error"])
    return answer["result"]


def _path(folder: Path) -> list[str]:
    """The function's own packages, then those of this machine, then the rest of the zip.

    Compiled packages of the zip are for Lambda's Python and processor: here this machine's take their place.
    """
    code = folder / "code"
    packages = folder / "own"
    packages.mkdir()
    for package in ("lambdas", "lakehouse"):
        if (code / package).is_dir():
            (packages / package).symlink_to(code / package)
    if not any(packages.iterdir()):
        return [str(code), sysconfig.get_paths()["purelib"]]
    return [str(packages), sysconfig.get_paths()["purelib"], str(code)]


def _variables(host: GlueHost, function: Function, keys: dict[str, str], folder: Path) -> dict[str, str]:
    stream = f"{uuid.uuid4().hex}"
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        **function.variables,
        **{name.upper(): value for name, value in keys.items()},
        "AWS_ENDPOINT_URL": host.endpoint,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        # In the place of Slack itself.
        "SLACK_URL": slack.url(host.endpoint),
        "LAKEHOUSE_FUNCTION_ARN": function.arn,
        "LAKEHOUSE_FUNCTION_SECONDS": str(function.seconds),
        # No daemon of X-Ray listens here.
        "POWERTOOLS_TRACE_DISABLED": "true",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "NO_PROXY": "*",
        "no_proxy": "*",
        "TZ": "UTC",
    }
