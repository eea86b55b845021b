"""A message to people, as plain text, as JSON and as Slack blocks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

# Slack's limits in characters: a header, and the text of a section.
MAX_TITLE = 150
MAX_SECTION = 3000
# SNS allows a subject of one line with fewer than 100 ASCII characters.
MAX_SUBJECT = 99

# The keys of a message's JSON that are no facts.
_OWN_KEYS = ("key", "weight", "title", "links")
Severity = Literal["failure", "late", "finding", "success"]
ICONS: dict[Severity, str] = {"failure": "❌", "late": "⏰", "finding": "⚠️", "success": "✅"}
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Message:
    """A message is sent once per `key`. `facts` and `links` are (name, value) in reading order."""

    key: str
    severity: Severity
    title: str
    facts: Pairs
    links: Pairs

    @classmethod
    def of_json(cls, body: Mapping[str, Any]) -> Message:
        """The message whose `as_json` is `body`; what the body lacks is empty."""
        facts = tuple((name, str(value)) for name, value in body.items() if name not in _OWN_KEYS)
        links = tuple((name, str(url)) for name, url in (body.get("links") or {}).items())
        severity: Severity = body.get("weight", "finding")
        return cls(str(body.get("key", "")), severity, str(body.get("title") or ""), facts, links)

    @property
    def subject(self) -> str:
        """The title as an SNS subject."""
        printable = "".join(ch if ch.isprintable() else " " for ch in self.title)
        ascii_words = printable.encode("ascii", "replace").decode().split()
        return _shorten(" ".join(ascii_words), MAX_SUBJECT, "...") or "alert"

    @property
    def text(self) -> str:
        """The body of an e-mail."""
        lines = [self.title, "", *(f"{name}: {value}" for name, value in self.facts), ""]
        return "\n".join([*lines, *(f"{name}: {url}" for name, url in self.links)])

    @property
    def as_json(self) -> str:
        """The body for programs that subscribe to the topic."""
        body = {
            "key": self.key,
            "weight": self.severity,
            "title": self.title,
            **dict(self.facts),
            "links": dict(self.links),
        }
        return json.dumps(body, ensure_ascii=False)

    @property
    def notice(self) -> str:
        """The text that a phone's notification shows in place of the blocks."""
        return _escaped(self.subject)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks for Slack's chat.postMessage."""
        title = _shorten(f"{ICONS[self.severity]} {' '.join(self.title.split())}", MAX_TITLE)
        facts = [f"*{_escaped(name)}:* {_escaped(value)}" for name, value in self.facts]
        links = [f"<{url}|{_escaped(name)}>" for name, url in self.links]
        sections = (_join_fitting(facts, "\n"), _join_fitting(links, " · "))
        header = {"type": "header", "text": {"type": "plain_text", "text": title}}
        return [header, *(_section(text) for text in sections if text)]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _escaped(text: str) -> str:
    """Escapes Slack's markup, so that `<!channel>` in an error does not notify a whole channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _join_fitting(lines: Sequence[str], separator: str) -> str:
    """Joins the lines that fit into a section. A line is never cut, as that could cut `&amp;` or a link."""
    fitting: list[str] = []
    for line in lines:
        if sum(map(len, fitting)) + len(separator) * len(fitting) + len(line) <= MAX_SECTION:
            fitting.append(line)
    return separator.join(fitting)


def _shorten(text: str, max_length: int, end: str = "…") -> str:
    return text if len(text) <= max_length else text[: max_length - len(end)] + end
