"""EventBridge: rules call functions, by the pattern of an event or by a schedule, which moto refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from moto.events.models import Rule

from local_aws.functions.calls import call_later

_FUNCTION = "lambda"
_send = Rule.send_to_targets


def _send_to_targets(rule: Any, original_event: Any, transform_input: bool = True) -> None:
    """Call the functions of a rule that takes the event; moto delivers to the other targets."""
    if rule.state != "DISABLED" and rule.event_pattern.matches_event(original_event):
        for target in functions_of(rule):
            call_later(rule.account_id, rule.region_name, target["Arn"], _event(target, original_event))
    every = rule.targets
    rule.targets = [target for target in every if target not in functions_of(rule)]
    try:
        _send(rule, original_event, transform_input)
    finally:
        rule.targets = every


def functions_of(rule: Any) -> list[dict[str, Any]]:
    """The targets of a rule that are functions."""
    return [target for target in rule.targets if target["Arn"].split(":")[2] == _FUNCTION]


def _event(target: dict[str, Any], event: dict[str, Any]) -> Any:
    """What the function is given: the target's own input, or the event."""
    if target.get("Input"):
        return json.loads(target["Input"])
    time = event["time"]
    text = time if isinstance(time, str) else datetime.fromtimestamp(float(time), UTC).strftime("%FT%TZ")
    return {**{key: value for key, value in event.items() if key != "ingestion-time"}, "time": text}


Rule.send_to_targets = _send_to_targets  # type: ignore[method-assign,assignment]
