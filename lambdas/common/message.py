"""One message to people: the same words as plain text, as JSON and as Slack's blocks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

# Slack's limits, in characters: a header, the text of a section, the fallback text.
MOST_TITLE = 150
MOST_SECTION = 3000
# SNS: a subject is below 100 characters of ASCII and one line.
MOST_SUBJECT = 99

Weight = Literal["failure", "late", "finding", "success"]
SIGNS: dict[Weight, str] = {"failure": "❌", "late": "⏰", "finding": "⚠️", "success": "✅"}
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Message:
    """`key` is the same for what must be told only once. `facts` and `links` are (name, value) in the order they are read."""

    key: str
    weight: Weight
    title: str
    facts: Pairs
    links: Pairs

    @property
    def subject(self) -> str:
        line = (
            "".join(ch if ch.isprintable() else " " for ch in self.title).encode("ascii", "replace").decode()
        )
        return _cut(" ".join(line.split()), MOST_SUBJECT, "...") or "alert"

    @property
    def text(self) -> str:
        """For e-mail."""
        lines = [self.title, "", *(f"{name}: {value}" for name, value in self.facts), ""]
        return "\n".join([*lines, *(f"{name}: {url}" for name, url in self.links)])

    @property
    def as_json(self) -> str:
        """For programs that listen to the topic."""
        body = {
            "key": self.key,
            "weight": self.weight,
            "title": self.title,
            **dict(self.facts),
            "links": dict(self.links),
        }
        return json.dumps(body, ensure_ascii=False)

    @property
    def notice(self) -> str:
        """What a phone shows in place of the blocks."""
        return _escaped(self.subject)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """For Slack's chat.postMessage."""
        title = _cut(f"{SIGNS[self.weight]} {' '.join(self.title.split())}", MOST_TITLE)
        body = _fit(
            tuple(f"*{_escaped(name)}:* {_escaped(value)}" for name, value in self.facts), MOST_SECTION
        )
        links = _fit(tuple(f"<{url}|{_escaped(name)}>" for name, url in self.links), MOST_SECTION, " · ")
        header = {"type": "header", "text": {"type": "plain_text", "text": title}}
        return [header, *(_section(part) for part in (body, links) if part)]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _escaped(text: str) -> str:
    """A `<!channel>` in somebody's error calls nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fit(lines: Sequence[str], most: int, between: str = "\n") -> str:
    """As many whole lines as fit: a cut inside of `&amp;` or a link would be worse than a line that is missing."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(between) * len(kept) + len(line) <= most:
            kept.append(line)
    return between.join(kept)


def _cut(text: str, most: int, end: str = "…") -> str:
    return text if len(text) <= most else text[: most - len(end)] + end
