"""Copies what a Glue run logs, while it runs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TextIO

from botocore.exceptions import ClientError

from glue_jobs.aws import clients
from lakehouse.environments import Environment, names

# Jobs write their log to stderr, which is Glue's error stream.
_STREAM = "error"


@dataclass
class RunLog:
    """The log of one run in CloudWatch, copied into `target` line by line; `last_line` is the last one."""

    env: Environment
    run_id: str
    target: TextIO
    last_line: str = ""
    _token: str = field(default="", repr=False)

    @cached_property
    def _logs(self) -> Any:
        return clients(self.env).client("logs")

    def copy_new_lines(self) -> str:
        """Copy the lines since the last call. Returns the message of the last one; empty without any."""
        message = ""
        for line in self._new_lines():
            self.target.write(f"{line}\n")
            message = _message(line) or message
            self.last_line = line
        return message

    def _new_lines(self) -> list[str]:
        lines: list[str] = []
        while True:
            group = f"{names.log_group(self.env, 'jobs')}/{_STREAM}"
            more = {"nextToken": self._token} if self._token else {}
            try:
                answer = self._logs.get_log_events(
                    logGroupName=group, logStreamName=self.run_id, startFromHead=True, **more
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                return lines  # the run has written nothing yet
            lines += [event["message"] for event in answer["events"]]
            ended = not answer["events"] or answer["nextForwardToken"] == self._token
            self._token = answer["nextForwardToken"]
            if ended:
                return lines


def _message(line: str) -> str:
    """The text of a line of the jobs' JSON log; empty for any other line."""
    try:
        record = json.loads(line)
    except ValueError:
        return ""
    return str(record.get("message", "")) if isinstance(record, dict) else ""
