"""The Slack of a local world: what a bot posts to a channel goes to the inbox, and leaves no machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from local_aws import inbox
from local_aws.http import Request, Response

_ROOT = "/slack/api"
_POST = f"{_ROOT}/chat.postMessage"
# Made up, so that a function which asks for its token gets one.
TOKEN = {"token": "xoxb-local"}


def url(endpoint: str) -> str:
    """The base URL for Slack's own client."""
    return f"{endpoint}{_ROOT}/"


def answer(request: Request) -> Response | None:
    """Slack's answer to a message; None for a request that is not for Slack."""
    if request.path != _POST or request.method != "POST":
        return None
    message = json.loads(request.body)
    if not message.get("channel"):
        return _json({"ok": False, "error": "channel_not_found"})
    lines = dict.fromkeys(_texts(message.get("blocks") or []))
    notice = str(message.get("text", ""))
    inbox.put(str(message["channel"]), "slack", notice, "\n".join(lines) or notice)
    return _json({"ok": True, "channel": message["channel"], "ts": "0.0"})


def _texts(part: Any) -> Iterator[str]:
    """Every text of a message's blocks, in order."""
    if isinstance(part, list):
        for item in part:
            yield from _texts(item)
    elif isinstance(part, dict):
        if isinstance(text := part.get("text"), str):
            yield text
        yield from _texts([value for value in part.values() if not isinstance(value, str)])


def _json(document: dict[str, Any]) -> Response:
    return Response(200, [("Content-Type", "application/json")], json.dumps(document).encode())
