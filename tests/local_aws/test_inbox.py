"""Messages of topics are kept for the reader whose filter takes them, in the form that is meant for mail."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from lakehouse.environments import Environment
from local_aws import slack
from local_aws.inbox import Mail, inbox_file, mails

Client = Callable[[str], Any]


@pytest.fixture
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Mail]]:
    """The messages of a topic."""
    folder = next(tmp_path_factory.getbasetemp().glob("platform*"))
    return lambda topic: [mail for mail in mails(inbox_file(folder / "data")) if mail.topic == topic]


def test_reader_gets_the_text_for_mail_that_the_filter_takes(
    client: Client, read: Callable[[str], list[Mail]]
) -> None:
    sns, name = client("sns"), f"t-{os.urandom(4).hex()}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    for reader in ("a", "b"):
        policy = {"FilterPolicy": json.dumps({"to": [reader]})}
        address = f"{reader}@company.com"
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address, Attributes=policy)
    sns.publish(
        TopicArn=topic,
        Subject="failed",
        Message=json.dumps({"default": "{}", "email": "für Menschen"}),
        MessageStructure="json",
        MessageAttributes={"to": {"DataType": "String", "StringValue": "b"}},
    )
    (mail,) = read(name)
    assert (mail.to, mail.subject, mail.text) == ("b@company.com", "failed", "für Menschen")


def test_message_that_nobody_reads_is_kept(client: Client, read: Callable[[str], list[Mail]]) -> None:
    name = f"t-{os.urandom(4).hex()}"
    client("sns").publish(TopicArn=client("sns").create_topic(Name=name)["TopicArn"], Message="m")
    assert [(mail.to, mail.text) for mail in read(name)] == [("", "m")]


def test_message_to_a_channel_of_slack_lies_in_the_inbox(
    local_env: Environment, read: Callable[[str], list[Mail]]
) -> None:
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    client = WebClient(token="xoxb-any", base_url=slack.url(str(local_env.aws.endpoint)))
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "[dev] x failed"}},
        {
            "type": "section",
            "fields": [{"type": "mrkdwn", "text": "*Run*"}, {"type": "mrkdwn", "text": "jr_1"}],
        },
    ]
    client.chat_postMessage(channel="#retail", text="x failed", blocks=blocks)
    mail = read("slack")[-1]
    assert (mail.to, mail.subject) == ("#retail", "x failed")
    assert mail.text == "[dev] x failed\n*Run*\njr_1"
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.chat_postMessage(channel="", text="nobody")
