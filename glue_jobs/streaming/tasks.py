"""Which queries a streaming job is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glue_jobs.errors import RunError
from glue_jobs.sql_query import statements_of
from glue_jobs.user_code import function_of, load_module
from lakehouse.pipelines import Job
from lakehouse.pipelines.sql import Statement
from lakehouse.project import project_root

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Transform = Callable[..., "DataFrame"]


@dataclass(frozen=True)
class Task:
    """One query: the table that it fills, the SQL that the table is, or the function that its messages pass through; neither is as they come."""

    name: str
    table: str
    statement: Statement | None = None
    function: Transform | None = None


def tasks_of(job: Job) -> list[Task]:
    """One for each table. Raises RunError (RUN123): a table is filled twice, or none at all."""
    found: list[Task] = []
    made = {s.table: s for s in statements_of(job) if s.table}
    stated = {t for proc in job.procs for t in proc.writes}
    for proc in job.procs:
        code = load_module(project_root(), proc.file) if proc.file.endswith(".py") else None
        tables = proc.writes or tuple(t for t in job.writes if t not in stated)
        for table in tables:
            name = proc.name if len(tables) == 1 else f"{proc.name}-{table.replace('.', '-')}"
            statement = made.get(table) if proc.file.endswith(".sql") else None
            found.append(Task(name, table, statement, function_of(code, table) if code else None))
    tables = tuple(t.table for t in found)
    if not tables or len(set(tables)) < len(tables):
        twice = next((t for t in tables if tables.count(t) > 1), "")
        raise RunError(
            f"job {job.name}: {f'two tasks fill {twice}' if twice else 'no task fills a table'}",
            code="RUN123",
        )
    return found
