"""Asks the deployed function `start_run` for a run of a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError

from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from lakehouse.environments import Environment, names
from lambdas.start_run.caller import BODY, HEADERS, NAME_HEADER

FUNCTION = "start_run"
# The function's own timeout, and some more. It is called once: an answer that is late is no second run.
_CONFIG = Config(retries={"total_max_attempts": 1}, read_timeout=40)


def start_run(
    env: Environment, job: str, run_date: date, params: Mapping[str, str], arguments: Mapping[str, str]
) -> str:
    """The id of the Glue run. `arguments` are those of the job's type, without dashes.

    Raises RunError: RUN522 when AWS does not start it, RUN640 for a request that the function refuses,
    RUN641 when it does not know the caller, RUN642 when the function is not deployed or fails.
    """
    name = names.function(env, FUNCTION)
    request = {
        "job": job,
        "run_date": run_date.isoformat(),
        "params": dict(params),
        "arguments": dict(arguments),
        "identity": signed_identity(env, name),
    }
    answer = _call(env, name, request)
    if "refused" in answer:
        code, text = str(answer["code"]), str(answer["refused"])
        raise RunError(f"Glue does not start it: {text}" if code == "RUN522" else text, code=code)
    return str(answer["run_id"])


def signed_identity(env: Environment, function: str) -> dict[str, str]:
    """Headers of a signed request to STS, which tells the function `function` alone who the caller is."""
    aws = clients(env)
    url = env.aws.endpoint or f"https://sts.{env.region}.amazonaws.com"
    headers = {"Content-Type": "application/x-www-form-urlencoded", NAME_HEADER: function}
    request = AWSRequest("POST", f"{url}/", data=BODY, headers=headers)
    SigV4Auth(aws.session.get_credentials().get_frozen_credentials(), "sts", env.region).add_auth(request)
    return {name: request.headers[name] for name in HEADERS if name in request.headers}


def _call(env: Environment, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
    aws = clients(env)
    functions = aws.session.client("lambda", endpoint_url=env.aws.endpoint, config=_CONFIG)
    try:
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(request).encode())
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if code == "ResourceNotFoundException":
            text = f"the function {name} is not deployed; deploy first: `lakehouse deploy --env {env.name}`"
            raise RunError(text, code="RUN642") from None
        raise RunError(f"AWS does not start it: {code}: {message}", code="RUN522") from None
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RunError(f"the function {name} failed: {result.get('errorType')}; see its log", code="RUN642")
    return result
