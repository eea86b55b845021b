"""Sends what a run prints to CloudWatch, as its lines are written."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

log = logging.getLogger(__name__)
_EVENTS_PER_CALL = 1000
_LONGEST_LINE = 200_000
_UTF8 = "utf-8"


class LogStream:
    """One log stream that follows a file. It is made when it is missing, and by `makes_group` its group."""

    def __init__(self, logs: Any, group: str, stream: str, file: Path, *, makes_group: bool = True) -> None:
        self._logs = logs
        self._makes_group = makes_group
        self._group = group
        self._stream = stream
        self._file = file
        self._sent = 0
        self._exists = False

    def send(self, *, ended: bool = False) -> None:
        """Send the whole lines since the last call; with `ended` the rest, whole or not."""
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._sent)
            raw = file.read()
        raw = raw if ended else raw[: raw.rfind(b"\n") + 1]
        self._sent += len(raw)
        lines = [line for line in raw.decode(_UTF8, "replace").splitlines() if line.strip()]
        # A role that may not write logs, or a group that somebody deletes, costs lines, and not the run.
        try:
            if lines and not self._exists:
                self._create()
            for start in range(0, len(lines), _EVENTS_PER_CALL):
                self._put(lines[start : start + _EVENTS_PER_CALL])
        except ClientError as error:
            log.warning("%d lines of %s are lost: %s", len(lines), self._stream, error)

    def _create(self) -> None:
        if self._makes_group:
            with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
                self._logs.create_log_group(logGroupName=self._group)
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_stream(logGroupName=self._group, logStreamName=self._stream)
        self._exists = True

    def _put(self, lines: list[str]) -> None:
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line[:_LONGEST_LINE]} for line in lines]
        self._logs.put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=events)


def last_lines(file: Path, most: int = 65_536) -> list[str]:
    """The last lines of a file, without empty ones; of at most so many bytes."""
    if not file.exists():
        return []
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - most))
        text = opened.read().decode(_UTF8, "replace")
    return [line for line in text.splitlines() if line.strip()]
