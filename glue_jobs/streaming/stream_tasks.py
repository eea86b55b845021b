"""Lists the queries of a streaming job."""

from __future__ import annotations

from collections import Counter
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

MessageFunction = Callable[..., "DataFrame"]


@dataclass(frozen=True)
class StreamTask:
    """One query, named `name`, that fills `table`.

    It runs the SQL `statement`, or passes its messages through `function`; with neither, messages become rows
    as they come.
    """

    name: str
    table: str
    statement: Statement | None = None
    function: MessageFunction | None = None


def stream_tasks(job: Job) -> list[StreamTask]:
    """One task per table. Raises RunError (RUN123) when two tasks fill one table, or no task fills any."""
    tasks: list[StreamTask] = []
    statements = {s.table: s for s in statements_of(job) if s.table}
    with_proc = {table for proc in job.procs for table in proc.writes}
    for proc in job.procs:
        module = load_module(project_root(), proc.file) if proc.file.endswith(".py") else None
        tables = proc.writes or tuple(t for t in job.writes if t not in with_proc)
        for table in tables:
            name = proc.name if len(tables) == 1 else f"{proc.name}-{table.replace('.', '-')}"
            statement = statements.get(table) if proc.file.endswith(".sql") else None
            tasks.append(StreamTask(name, table, statement, function_of(module, table) if module else None))
    counts = Counter(task.table for task in tasks)
    if not counts:
        raise RunError(f"job {job.name}: no task fills a table", code="RUN123")
    twice = next((table for table, count in counts.items() if count > 1), None)
    if twice is not None:
        raise RunError(f"job {job.name}: two tasks fill {twice}", code="RUN123")
    return tasks
