"""Slack: about one message a second and channel; when it says so, we wait, but not for ever."""

from __future__ import annotations

import random
from typing import Any

from lambdas.common import aws
from lambdas.common.message import Message

# Seconds. A function has a minute for all its channels.
MOST_WAIT = 20
TIMEOUT = 5
RATE_RETRIES = 3
SERVER_RETRIES = 2
TOKEN_AGE = 300


class Slack:
    """Posts as the bot whose token is in the secret. Raises what slack_sdk raises."""

    name = "slack"

    def __init__(self, secret: str, channel: str, url: str) -> None:
        self.channel, self._secret, self._url = channel, secret, url

    def send(self, message: Message) -> None:
        from slack_sdk import WebClient

        client = WebClient(
            token=self._token(), base_url=self._url, timeout=TIMEOUT, retry_handlers=_retries()
        )
        # `text` is what a phone shows; a message that was sent twice would be unfurled twice.
        client.chat_postMessage(
            channel=self.channel, text=message.notice, blocks=message.blocks, unfurl_links=False, unfurl_media=False
        )  # fmt: skip

    def _token(self) -> str:
        """Of the secret, read again every five minutes, so that a rotated token is found."""
        from aws_lambda_powertools.utilities.parameters import SecretsProvider

        return str(_provider(SecretsProvider).get(self._secret, transform="json", max_age=TOKEN_AGE)["token"])


_providers: dict[int, Any] = {}


def _provider(kind: Any) -> Any:
    """The provider caches what it read, so it lives as long as its client."""
    client = aws.secretsmanager()
    return _providers.setdefault(id(client), kind(boto3_client=client))


def _retries() -> list[Any]:
    """Rate limit, server error, and a connection that was refused. Not a reply that never came: the message may have arrived."""
    from slack_sdk.http_retry.builtin_handlers import (
        ConnectionErrorRetryHandler,
        RateLimitErrorRetryHandler,
        ServerErrorRetryHandler,
    )

    class Patient(RateLimitErrorRetryHandler):
        """Waits as long as Retry-After says, while all waits together stay below MOST_WAIT."""

        waited = 0.0

        def _can_retry(self, *, state: Any, request: Any, response: Any = None, error: Any = None) -> bool:
            if response is None or response.status_code != 429:
                return False
            self.waited += _retry_after(response.headers)
            return self.waited <= MOST_WAIT

    return [
        Patient(RATE_RETRIES),
        ServerErrorRetryHandler(SERVER_RETRIES),
        ConnectionErrorRetryHandler(1, error_types=[ConnectionResetError]),
    ]


def _retry_after(headers: Any) -> float:
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), ["1"])
    text = found[0] if isinstance(found, list) else found
    return float(text) + random.random() if str(text).isdigit() else MOST_WAIT + 1.0  # noqa: S311  jitter


def forget() -> None:
    """For tests, whose AWS is another one each time."""
    _providers.clear()
