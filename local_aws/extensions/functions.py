"""Lambda functions: their calls, which moto makes in Docker, and their dead-letter queues, which it drops."""

from __future__ import annotations

import json
from typing import Any

from moto.awslambda.models import LambdaFunction

from local_aws.extensions.calls import ApiError, Call, Reply, path
from local_aws.functions.calls import call_later, current, function_of
from local_aws.functions.invocation import FunctionError, call

_first, _shown, _change = (
    LambdaFunction.__init__,
    LambdaFunction.get_configuration,
    LambdaFunction.update_configuration,
)


@path("lambda", "POST", r"/2015-03-31/functions/(?P<name>[^/]+)/invocations")
def invoke(request: Call) -> Reply | None:
    """Call the function: at once, or later for `X-Amz-Invocation-Type: Event`."""
    host = current()
    if host is None:
        return None
    name = request.path_values["name"]
    function = function_of(request.account, request.region, name)
    if function is None:
        arn = f"arn:aws:lambda:{request.region}:{request.account}:function:{name}"
        raise ApiError("ResourceNotFoundException", f"Function not found: {arn}", 404)
    event = json.loads(request.body or b"{}")
    if request.headers.get("x-amz-invocation-type") == "Event":
        call_later(request.account, request.region, name, event)
        return Reply(202, {}, b"")
    try:
        answer, headers = call(host, function, event), {}
    except FunctionError as error:
        answer = {"errorMessage": str(error), "errorType": error.kind}
        headers = {"X-Amz-Function-Error": "Unhandled"}
    return Reply(200, {"Content-Type": "application/json", **headers}, json.dumps(answer).encode())


def _init(function: Any, account_id: str, spec: dict[str, Any], *more: Any, **named: Any) -> None:
    _first(function, account_id, spec, *more, **named)
    function.dead_letters = spec.get("DeadLetterConfig")


def _configuration(function: Any, on_create: bool = False) -> dict[str, Any]:
    configuration: dict[str, Any] = _shown(function, on_create)
    return (
        {**configuration, "DeadLetterConfig": function.dead_letters}
        if function.dead_letters
        else configuration
    )


def _update(function: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
    function.dead_letters = config_updates.get("DeadLetterConfig", function.dead_letters)
    return _change(function, config_updates)


LambdaFunction.__init__ = _init  # type: ignore[method-assign,assignment]
LambdaFunction.get_configuration = _configuration  # type: ignore[method-assign,assignment]
LambdaFunction.update_configuration = _update  # type: ignore[method-assign,assignment]
