"""Writes logs as JSON, one object a line, with run, batch, job, trace and environment, without secrets."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from glue_jobs.error_text import public_text, public_trace
from glue_jobs.observability.redact import redact, redact_tree
from lakehouse.environments.model import Environment

FIELDS = ("run_id", "batch_id", "job_name", "trace_id", "env")
_bound: ContextVar[dict[str, str] | None] = ContextVar("log_fields", default=None)
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "run_fields"}
# Libraries that log much at INFO and nothing of use.
_CHATTY = ("boto3", "botocore", "urllib3", "py4j", "snowflake", "openlineage", "s3transfer")


class RedactingFilter(logging.Filter):
    """Redacts a record's message, arguments and traceback, and adds the run's fields; for any handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.run_fields = _bound.get() or {}
        record.msg, record.args = redact(_message(record)), None
        if record.exc_info:
            error = record.exc_info[1]
            record.exc_text = public_trace(error) if error else None
            # The next handler would format what is left here again, with its secrets.
            record.exc_info = None
        record.exc_text = redact(record.exc_text) if record.exc_text else None
        record.stack_info = redact(record.stack_info) if record.stack_info else None
        return True


class JsonFormatter(logging.Formatter):
    """A line has ts (ISO 8601, UTC), level, logger, message, the five fields of the run, `extra=` and
    exception.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **dict.fromkeys(FIELDS, ""),
            **getattr(record, "run_fields", {}),
        }
        extra = {
            key: _public(value)
            for key, value in record.__dict__.items()
            # A line's own batch_id, or another field of the run, takes the place of the run's.
            if key not in _STANDARD and (key in FIELDS or key not in line)
        }
        line |= redact_tree(extra)
        if record.exc_text or record.stack_info:
            line["exception"] = "\n".join(text for text in (record.exc_text, record.stack_info) if text)
        return redact(json.dumps(line, ensure_ascii=False, default=str))


def configure(env: Environment, *, level: str = "INFO", stream: TextIO | None = None) -> logging.Handler:
    """Sends every log line of the process to `stream` (stderr) as JSON; a second call replaces the first."""
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler.formatter, JsonFormatter)]:
        root.removeHandler(old)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(level)
    for other in root.handlers:
        if not any(isinstance(f, RedactingFilter) for f in other.filters):
            other.addFilter(RedactingFilter())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    _bound.set({**(_bound.get() or {}), "env": env.name})
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    return handler


@contextmanager
def bound(**fields: str) -> Iterator[None]:
    """Adds fields to every line logged in the block: run_id, batch_id, job_name, trace_id, env, or others."""
    token = _bound.set({**(_bound.get() or {}), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def _message(record: logging.LogRecord) -> str:
    if isinstance(record.args, tuple):
        record.args = tuple(_public(value) for value in record.args)
    try:
        return str(_public(record.msg)) if not record.args else record.getMessage()
    except Exception:  # a wrong format string must not lose the line, nor print its arguments
        return f"{record.msg} (its arguments do not fit it)"


def _public(value: Any) -> Any:
    return public_text(value) if isinstance(value, BaseException) else value


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    # Python's own hook would print the error as it is.
    if issubclass(kind, KeyboardInterrupt):
        logging.getLogger(__name__).error("interrupted")
    elif error is not None:
        logging.getLogger(__name__).critical("uncaught %s", kind.__name__, exc_info=(kind, error, trace))
