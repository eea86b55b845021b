"""Lambda functions: their dead-letter queues, which moto drops."""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import LambdaFunction

_first, _shown, _change = (
    LambdaFunction.__init__,
    LambdaFunction.get_configuration,
    LambdaFunction.update_configuration,
)


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
