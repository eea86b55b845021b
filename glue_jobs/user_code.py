"""Loads a Python file of the project: the functions that a team wrote."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from glue_jobs.errors import RunError


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
