"""JSONata for moto, whose interpreter of state machines asks for a Java program that it does not ship."""

from __future__ import annotations

import threading
from typing import Any

from jsonata.jsonata import Jsonata
from moto.stepfunctions.parser.asl.jsonata import jsonata as moto_jsonata

# Branches run in threads, and the parser of an expression keeps state in its module.
_lock = threading.Lock()


def evaluated(expression: str) -> Any:
    """The value of an expression. Raises moto's own error, which becomes States.QueryEvaluationError."""
    try:
        with _lock:
            return Jsonata(expression).evaluate(None)
    except Exception as error:
        raise moto_jsonata.JSONataException("UNKNOWN", str(error)) from error


def install() -> None:
    """Let moto evaluate by the Python implementation."""
    moto_jsonata._eval_jsonata = evaluated
