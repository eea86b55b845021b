"""Calls of functions that nobody waits for: tried three times, then the event goes to the dead letters."""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from local_aws.functions.invocation import Function, FunctionError, call
from local_aws.glue.host import GlueHost

log = logging.getLogger(__name__)
_ATTEMPTS = 3
_current: list[GlueHost] = []


def execute_on(host: GlueHost) -> None:
    """Execute the functions of this process's Lambda with the host; before, nothing is called."""
    _current[:] = [host]


def current() -> GlueHost | None:
    """Where functions run; None where moto only records them."""
    return _current[0] if _current else None


def function_of(account: str, region: str, name: str) -> Function | None:
    """The deployed function of a name or an ARN."""
    short = name.split(":")[6] if name.startswith("arn:") else name
    functions: Any = lambda_backends[account][region]
    try:
        stored: LambdaFunction = functions.get_function(short)
    except Exception:  # moto's own error of an unknown function is one for HTTP
        return None
    letters: dict[str, str] = getattr(stored, "dead_letters", None) or {}
    return Function(
        name=short,
        arn=stored.function_arn,
        role=stored.role,
        handler=stored.handler or "",
        code=stored.code_bytes,
        variables=dict(stored.environment_vars),
        seconds=int(stored.timeout),
        memory_mb=int(stored.memory_size),
        dead_letters=letters.get("TargetArn"),
    )


def call_later(account: str, region: str, name: str, event: Any) -> None:
    """Call a function in a thread. Without a place to execute, the event is only logged."""
    host = current()
    function = function_of(account, region, name)
    if host is None or function is None:
        log.warning("nothing is called: %s", name)
        return
    threading.Thread(target=_call, args=(host, function, event), daemon=True).start()


def _call(host: GlueHost, function: Function, event: Any) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            call(host, function, event)
            return
        except FunctionError as error:
            log.warning("%s failed (%d): %s: %s", function.name, attempt + 1, error.kind, error)
        except Exception:
            log.exception("%s cannot be called", function.name)
    if function.dead_letters:
        queue = function.dead_letters.split(":")
        sqs = host.client("sqs", function.region)
        url = sqs.get_queue_url(QueueName=queue[5])["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(event))
