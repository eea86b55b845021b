"""The inbox of the local world: each message of SNS that a person would receive, as a file of JSON lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

_lock = threading.Lock()
_files: list[Path] = []


@dataclass(frozen=True)
class Mail:
    """`to` is an address; empty where the topic has no reader."""

    time: str
    to: str
    topic: str
    subject: str
    text: str


def inbox_file(data: Path) -> Path:
    """The file in the folder of a platform's data."""
    return data / "inbox.jsonl"


def deliver_to(file: Path) -> None:
    """Keep this process's messages in a file; before, they are dropped."""
    _files[:] = [file]


def put(to: str, topic: str, subject: str, text: str) -> None:
    """Add a message."""
    mail = Mail(datetime.now(UTC).isoformat(timespec="seconds"), to, topic, subject, text)
    with _lock:
        for file in _files:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(mail), ensure_ascii=False) + "\n")


def mails(file: Path) -> Iterator[Mail]:
    """The messages so far, the oldest first."""
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            yield Mail(**json.loads(line))
