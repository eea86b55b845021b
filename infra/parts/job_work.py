"""What a job's module or SQL says that it does: read as text, because the stack may not import what runs on Spark."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipelines import Job
from pipelines.sql import SqlError, statements


@dataclass(frozen=True)
class Work:
    """`kind` is the class of the module's JOB, as `Ingest`; empty for a job that has none. `warehouse`: where a Publish goes."""

    kind: str = ""
    warehouse: str = ""


def work_of(root: Path, job: Job) -> Work:
    """From what its procs run; of a module, from `JOB = Publish("redshift")`."""
    if job.kind == "streaming":
        return Work("Stream")
    if all(p.file.endswith(".sql") for p in job.procs):
        return Work("Sql")
    if all(p.copy for p in job.procs):
        return Work("Ingest")
    file = root / "glue_jobs" / "jobs" / f"{job.name}.py"
    return _read(file, file.stat().st_mtime_ns) if file.is_file() else Work()


def databases_of(root: Path, job: Job) -> tuple[str, ...]:
    """The layers whose databases its SQL asks for."""
    files = [root / p.file for p in job.procs if p.file.endswith(".sql")]
    return tuple(sorted({layer for file in files if file.is_file() for layer in _asked(file, file.stat().st_mtime_ns)}))


@lru_cache(maxsize=4096)
def _asked(file: Path, changed: int) -> tuple[str, ...]:
    """A file that cannot be understood is a fault of its pipeline, and asks for nothing."""
    del changed
    try:
        return tuple(s.layer for s in statements(file.read_text(encoding="utf-8")) if not s.table)
    except (SqlError, UnicodeDecodeError):
        return ()


@lru_cache(maxsize=4096)
def _read(file: Path, changed: int) -> Work:
    del changed
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or not isinstance(node.value.func, ast.Name):
            continue
        if [t.id for t in node.targets if isinstance(t, ast.Name)] == ["JOB"]:
            first = node.value.args[0] if node.value.args else None
            warehouse = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
            return Work(node.value.func.id, warehouse)
    return Work()
