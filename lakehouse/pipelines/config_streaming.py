"""A streaming config.json as one job with a proc per task."""

from __future__ import annotations

from dataclasses import replace

from lakehouse.pipelines.config_doc import Config, Task
from lakehouse.pipelines.config_job import RETRIES, config_job, config_proc
from lakehouse.pipelines.config_params import params_of
from lakehouse.pipelines.config_reader import ConfigReader, note_duplicates
from lakehouse.pipelines.model import Job, Proc
from lakehouse.pipelines.params import Param
from lakehouse.pipelines.sql_catalogs import LAYERS
from lakehouse.pipelines.sql_file import located


def streaming_job(doc: Config, reader: ConfigReader) -> Job:
    """The one job of a streaming pipeline, with a proc for each task."""
    params = params_of(doc, reader.note)
    if doc.kafka_source is None:
        reader.note("LK102", "key 'kafka_source' is missing", "the topic that the tasks read", "tasks")
    tasks = doc.tasks or []
    note_duplicates([t.task_name for t in tasks], "tasks", reader)
    procs = tuple(_stream(task, i, reader, params) for i, task in enumerate(tasks))
    return replace(
        config_job(
            doc,
            reader,
            "streaming",
            reader.folder.name,
            doc.description,
            params,
            procs,
            reader.location("tasks"),
        ),
        pipeline=reader.folder.name,
    )


def _stream(task: Task, i: int, reader: ConfigReader, params: tuple[Param, ...]) -> Proc:
    at, proc = (
        ("tasks", i),
        config_proc(reader, task.task_name, 0, task.description, i + 1, RETRIES["streaming"].retries),
    )
    if (task.table is None) == (task.sql_file is None):
        reader.note(
            "LK103",
            f"task '{task.task_name}' names a table and a sql_file, or neither",
            "one of table and sql_file",
            *at,
        )
        return proc
    if task.sql_file:
        return located(
            proc, reader.folder, task.sql_file, params, reader.faults, reader.noting(*at, "sql_file")
        )
    layer, _, table = str(task.table).partition(".")
    if layer not in LAYERS:
        reader.note(
            "LK103",
            f"'{task.table}' is no table of a layer",
            "<layer>.<table>",
            *at,
            "table",
            value=layer,
            among=list(LAYERS),
        )
        return proc
    return replace(proc, path=str(task.table), writes=(f"{LAYERS[layer]}.{table}",))
