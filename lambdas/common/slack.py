"""Sends messages to Slack. Waits where Slack limits the rate: about one message per second and channel."""

from __future__ import annotations

import random
from typing import Any

from lambdas.common import aws
from lambdas.common.message import Message

# In seconds. A function has a minute for all its channels.
MAX_WAIT = 20
TIMEOUT = 5
MAX_TOKEN_AGE = 300
RATE_RETRIES = 3
SERVER_RETRIES = 2


class Slack:
    """Posts to one channel as the bot whose token is in the secret."""

    name = "slack"

    def __init__(self, secret: str, channel: str, url: str) -> None:
        self.channel, self._secret, self._url = channel, secret, url

    def send(self, message: Message) -> None:
        """Posts the message. Raises what slack_sdk raises."""
        from slack_sdk import WebClient  # slows a cold start

        client = WebClient(
            token=self._token(), base_url=self._url, timeout=TIMEOUT, retry_handlers=_retries()
        )
        client.chat_postMessage(
            channel=self.channel,
            text=message.notice,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )

    def _token(self) -> str:
        """The secret's token, read again every five minutes in case it was rotated."""
        from aws_lambda_powertools.utilities.parameters import SecretsProvider

        provider = _provider(SecretsProvider)
        return str(provider.get(self._secret, transform="json", max_age=MAX_TOKEN_AGE)["token"])


_providers: dict[int, Any] = {}


def _provider(provider: Any) -> Any:
    """One provider per client: it caches the secrets that it has read."""
    client = aws.secretsmanager()
    return _providers.setdefault(id(client), provider(boto3_client=client))


def _retries() -> list[Any]:
    """Retries rate limits, server errors, reset connections. Not timeouts: the message may have arrived."""
    from slack_sdk.http_retry.builtin_handlers import (
        ConnectionErrorRetryHandler,
        RateLimitErrorRetryHandler,
        ServerErrorRetryHandler,
    )

    class BoundedRateLimit(RateLimitErrorRetryHandler):
        """Waits as long as Retry-After says, up to MAX_WAIT for all retries together."""

        waited = 0.0

        def _can_retry(self, *, state: Any, request: Any, response: Any = None, error: Any = None) -> bool:
            if response is None or response.status_code != 429:
                return False
            self.waited += _retry_after(response.headers)
            return self.waited <= MAX_WAIT

    return [
        BoundedRateLimit(RATE_RETRIES),
        ServerErrorRetryHandler(SERVER_RETRIES),
        ConnectionErrorRetryHandler(1, error_types=[ConnectionResetError]),
    ]


def _retry_after(headers: Any) -> float:
    """Seconds with jitter, or more than MAX_WAIT when the header cannot be read."""
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), ["1"])
    text = value[0] if isinstance(value, list) else value
    return float(text) + random.random() if str(text).isdigit() else MAX_WAIT + 1.0  # noqa: S311  jitter


def forget() -> None:
    """Drops the cached secrets; for tests, each of which has an AWS of its own."""
    _providers.clear()
