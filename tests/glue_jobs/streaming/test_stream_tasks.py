"""Which queries a streaming job has."""

from __future__ import annotations

from pathlib import Path

import pytest

from glue_jobs.errors import RunError
from glue_jobs.streaming.stream_tasks import stream_tasks
from lakehouse.pipelines.model import Proc
from tests.glue_jobs.run_harness import job


def proc(name: str, *writes: str, file: str = "") -> Proc:
    return Proc(name, name, "", 1, 0, 0, "", "Airflow", "", (), file=file, writes=writes)


def test_a_proc_without_a_file_fills_its_table_with_messages_as_they_come() -> None:
    [task] = stream_tasks(job(procs=(proc("fill", "bronze.events"),), writes=("bronze.events",)))
    assert (task.name, task.table, task.statement, task.function) == ("fill", "bronze.events", None, None)


def test_a_proc_of_several_tables_has_a_task_of_its_own_name_for_each() -> None:
    tables = ("bronze.a", "bronze.b")
    tasks = stream_tasks(job(procs=(proc("fill", *tables),), writes=tables))
    assert [(t.name, t.table) for t in tasks] == [
        ("fill-bronze-a", "bronze.a"),
        ("fill-bronze-b", "bronze.b"),
    ]


def test_a_sql_file_gives_its_statement_and_a_python_file_its_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("glue_jobs.sql_query", "glue_jobs.streaming.stream_tasks"):
        monkeypatch.setattr(f"{module}.project_root", lambda: tmp_path)
    (tmp_path / "sums.sql").write_text("CREATE TABLE silver.sums AS SELECT id FROM STREAM(bronze.events)")
    (tmp_path / "code.py").write_text("def events(*, messages):\n    return messages\n")
    procs = (
        proc("fill", "bronze.events", file="code.py"),
        proc("sum", "silver.sums", file="sums.sql"),
    )
    events, sums = stream_tasks(job(procs=procs, writes=("bronze.events", "silver.sums")))
    assert events.function is not None
    assert events.function(messages="rows") == "rows"  # type: ignore[comparison-overlap]
    assert sums.statement is not None
    assert sums.statement.streams == ("bronze.events",)


@pytest.mark.parametrize(
    ("procs", "message"),
    [
        ((), "RUN123 job a_job: no task fills a table"),
        (
            (proc("one", "bronze.events"), proc("two", "bronze.events")),
            "RUN123 job a_job: two tasks fill bronze.events",
        ),
    ],
)
def test_each_table_is_filled_by_one_task(procs: tuple[Proc, ...], message: str) -> None:
    with pytest.raises(RunError) as caught:
        stream_tasks(job(procs=procs, writes=("bronze.events",)))
    assert str(caught.value) == message
