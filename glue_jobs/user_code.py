"""Loads a Python file of the project: the functions that a team wrote."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from glue_jobs.errors import RunError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def load_module(root: Path, file: str) -> ModuleType:
    """The module of a file, given as its path from the project's root.

    Raises RunError (RUN213) when importing it fails, with the line of the file that failed.
    """
    name = "lakehouse_project." + file.removesuffix(".py").replace("/", ".")
    spec = importlib.util.spec_from_file_location(name, root / file)
    if spec is None or spec.loader is None:
        raise RunError(f"{file} is no Python file", code="RUN213")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise RunError(f"{file} cannot be imported: {_where(error, file)}{error!r}", code="RUN213") from error
    return module


def function_of(module: ModuleType | None, table: str) -> Callable[..., DataFrame]:
    """The function that makes a table: it has the table's name without its layer.

    Raises RunError (RUN214) when the module has none.
    """
    name = table.partition(".")[2]
    function: Callable[..., DataFrame] | None = getattr(module, name, None)
    if not callable(function):
        file = getattr(module, "__file__", None) or "the job's Python file"
        raise RunError(f"{file} has no function {name} for {table}", code="RUN214")
    return function


def _where(error: BaseException, file: str) -> str:
    """`line N: `, of the innermost frame that lies in the file."""
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: "
    lines = []
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename.endswith(file):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f"line {lines[-1]}: " if lines else ""
