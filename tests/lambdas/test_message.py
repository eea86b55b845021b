"""A message keeps the limits and the markup of each channel, whatever its texts hold."""

from __future__ import annotations

import json

import pytest

from lambdas.common.message import MAX_SECTION, MAX_SUBJECT, MAX_TITLE, Message

LINKS = (("run", "https://console.example/run?id=1&x=2"),)


def message(title: str = "orders failed", *facts: tuple[str, str], key: str = "k") -> Message:
    return Message(key, "failure", title, facts, LINKS)


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("orders failed", "orders failed"),
        ("two\nlines\tand\x1b[31m", "two lines and [31m"),
        ("Größe 数", "Gr??e ?"),
        ("", "alert"),
        ("\n", "alert"),
    ],
)
def test_subject_is_one_line_of_ascii(title: str, subject: str) -> None:
    assert message(title).subject == subject


def test_long_title_is_shortened_for_each_channel() -> None:
    long = message("x" * 1000)
    assert len(long.subject) == MAX_SUBJECT
    assert len(long.blocks[0]["text"]["text"]) == MAX_TITLE
    assert "x" * 1000 in long.text


def test_markup_of_slack_in_a_text_notifies_nobody() -> None:
    facts = ("error", "<!channel> & <https://evil.example|click>")
    section = message("t", facts).blocks[1]["text"]["text"]
    assert section == "*error:* &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;"
    assert message("<!here>").notice == "&lt;!here&gt;"


def test_facts_beyond_slacks_limit_are_left_out_whole() -> None:
    facts = [(f"fact {number}", "&" * 300) for number in range(10)]
    section = message("t", *facts).blocks[1]["text"]["text"]
    lines = section.split("\n")
    assert len(section) <= MAX_SECTION
    assert lines == [f"*fact {number}:* {'&amp;' * 300}" for number in range(len(lines))]
    assert all(f"fact {number}: {'&' * 300}" in message("t", *facts).text for number in range(10))


def test_message_without_facts_has_header_and_links_alone() -> None:
    header, links = message().blocks
    assert header["type"] == "header"
    assert links["text"]["text"] == f"<{LINKS[0][1]}|run>"


def test_programs_read_every_fact_and_link_from_json() -> None:
    body = json.loads(message("Größe", ("job", "orders")).as_json)
    assert body == {
        "key": "k",
        "weight": "failure",
        "title": "Größe",
        "job": "orders",
        "links": {"run": LINKS[0][1]},
    }


def test_a_message_is_read_back_from_its_json() -> None:
    message = Message("k", "late", "silver is late", (("job", "silver"), ("since", "3 h")), (("log", "x"),))
    assert Message.of_json(json.loads(message.as_json)) == message
