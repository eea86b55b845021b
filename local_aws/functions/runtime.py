"""The first program of a function's process: gives the event to the handler, and writes what it returns.

It runs as a file, by a Python without site packages: `runtime.py HANDLER RESULT PATH…`; the event comes on
standard input.
"""

import importlib
import json
import sys
import uuid
from pathlib import Path
from typing import Any


class Context:
    """What Lambda tells a handler about its call."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.function_name = variables["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = "$LATEST"
        self.memory_limit_in_mb = variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.invoked_function_arn = variables["LAKEHOUSE_FUNCTION_ARN"]
        self.aws_request_id = str(uuid.uuid4())
        self.log_group_name = variables["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = variables["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._seconds = float(variables["LAKEHOUSE_FUNCTION_SECONDS"])

    def get_remaining_time_in_millis(self) -> int:
        """Of the whole time: a call of a few seconds never comes near its end."""
        return int(self._seconds * 1000)


def main(handler: str, result: Path, path: list[str]) -> None:
    """Write `{"result": …}`, or `{"error": …, "type": …}` when the handler raises."""
    import os

    sys.path[:0] = path
    event: Any = json.load(sys.stdin)
    module, _, name = handler.rpartition(".")
    try:
        answer = getattr(importlib.import_module(module), name)(event, Context(dict(os.environ)))
    except BaseException as error:
        result.write_text(json.dumps({"error": str(error), "type": type(error).__name__}), encoding="utf-8")
        raise
    result.write_text(json.dumps({"result": answer}, default=str), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
