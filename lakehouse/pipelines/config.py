"""config.json as jobs: a streaming pipeline is one job with a proc per task, a batch one a job per step."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path

from lakehouse.pipelines import cells
from lakehouse.pipelines.config_doc import Config, Step, Task
from lakehouse.pipelines.config_params import params_of
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job, Kind, Pipeline, Proc, Retry
from lakehouse.pipelines.params import Param
from lakehouse.pipelines.sql import LAYERS
from lakehouse.pipelines.sql_file import Note, located
from lakehouse.project import environment_names, read_settings
from lakehouse.reading.check import check
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located

BATCH_MINUTES = 180
# A stream that fails is started again sooner and more often than a batch.
RETRIES: dict[Kind, Retry] = {"streaming": Retry(5, 300), "batch": Retry(2, 300)}


@dataclass(frozen=True)
class _Reader:
    folder: Path
    at: Located
    faults: Collector

    def note(
        self,
        code: str,
        what: str,
        wanted: str,
        *loc: Hashable,
        value: str = "",
        among: list[str] | None = None,
    ) -> None:
        at = self.at.at(loc)
        self.faults.add(code, what, file=self.at.file, at=at, wanted=wanted, value=value, among=among or [])

    def noting(self, *loc: Hashable) -> Note:
        return lambda code, what, wanted, among: self.note(code, what, wanted, *loc, among=among)

    def location(self, *loc: Hashable) -> str:
        return f"{self.faults.relative(self.at.file)}:{self.at.at(loc)[0]}"


def read_config(folder: Path, kind: Kind, located: Located, faults: Collector) -> Pipeline:
    """The pipeline of a folder; without jobs when its config.json is not sound, which is noted."""
    doc = check(Config, located, faults)
    if doc is None:
        return Pipeline(folder.name, (), kind)
    reader = _Reader(folder, located, faults)
    if doc.pipeline_type != kind:
        reader.note(
            "LK320",
            f"pipeline_type is '{doc.pipeline_type}', and the file is of kind {kind}",
            kind,
            "pipeline_type",
        )
    _cell(reader, "notification_email", doc.notification_email, cells.notification)
    _cell(reader, "schedule", doc.schedule, cells.schedule)
    _cell(reader, "", folder.name, cells.name)
    jobs = [_streaming(doc, reader)] if kind == "streaming" else _batch(doc, reader)
    return Pipeline(folder.name, tuple(jobs), kind, doc.pipeline_name, doc.description)


def _cell(reader: _Reader, key: str, value: str, read: Callable[[str], object]) -> None:
    try:
        read(value)
    except cells.CellError as e:
        reader.note("LK303", f"{key or 'the folder'} {e}", e.wanted, *([key] if key else []), value=value)


def _job(
    doc: Config,
    reader: _Reader,
    kind: Kind,
    name: str,
    description: str,
    params: tuple[Param, ...],
    procs: tuple[Proc, ...],
    location: str,
) -> Job:
    streaming = kind == "streaming"
    environments = _environments(doc, reader)
    job_type = JobType.STREAM if streaming else JobType.SQL
    return Job(
        job_id=name,
        name=name,
        pipeline="",
        kind="streaming" if streaming else "batch",
        schedule="continuous" if streaming else doc.schedule,
        owner=_owner(doc, reader),
        environments=environments,
        description=description,
        retry=RETRIES[kind],
        failure_notification=doc.notification_email,
        depends_on=(),
        procs=procs,
        params=params,
        reads=tuple(
            dict.fromkeys(t for p in procs for t in p.reads if not any(t in q.writes for q in procs))
        ),
        writes=tuple(dict.fromkeys(t for p in procs for t in p.writes)),
        workers=doc.job_cluster.workers,
        worker_type=doc.job_cluster.worker_type,
        type=job_type,
        max_concurrent_runs=doc.max_concurrent_runs,
        location=location,
    )


def _owner(doc: Config, reader: _Reader) -> str:
    """The one that the document names, else the project's. Notes LK102 where neither names one."""
    settings = read_settings(Collector(reader.faults.root))
    owner = doc.owner or (settings.owner if settings else None)
    if owner is None:
        reader.note("LK102", "key 'owner' is missing", "an owner here, or `owner` in lakehouse.yml")
    return owner or ""


def _environments(doc: Config, reader: _Reader) -> tuple[str, ...]:
    """Those that the document names, else all of the project.

    Notes LK103 for one that lakehouse.yml does not name.
    """
    declared = environment_names(reader.faults)
    for i, name in enumerate(doc.environments or []):
        if name not in declared:
            message, expected = f"environments.{i} = {name!r}", f"one of {', '.join(declared)}"
            reader.note("LK103", message, expected, "environments", i, value=name, among=list(declared))
    return tuple(doc.environments or declared)


def _proc(reader: _Reader, name: str, minutes: int, description: str, order: int, retries: int) -> Proc:
    return Proc(
        proc_id=name,
        name=name,
        path="",
        order=order,
        retry_count=retries,
        timeout_minutes=minutes,
        description=description,
        scheduler="Airflow",
        dag_id=reader.folder.name,
        depends_on=(),
    )


def _streaming(doc: Config, reader: _Reader) -> Job:
    params = params_of(doc, reader.note)
    if doc.kafka_source is None:
        reader.note("LK102", "key 'kafka_source' is missing", "the topic that the tasks read", "tasks")
    tasks = doc.tasks or []
    _once([t.task_name for t in tasks], "tasks", reader)
    procs = tuple(_stream(task, i, reader, params) for i, task in enumerate(tasks))
    return replace(
        _job(
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


def _stream(task: Task, i: int, reader: _Reader, params: tuple[Param, ...]) -> Proc:
    at, proc = (
        ("tasks", i),
        _proc(reader, task.task_name, 0, task.description, i + 1, RETRIES["streaming"].retries),
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


def _batch(doc: Config, reader: _Reader) -> list[Job]:
    steps, params = doc.execution_sequence or [], params_of(doc, reader.note)
    names = [s.task_name for s in steps]
    _once(names, "execution_sequence", reader)
    first = [s.task_name for s in steps if s.step == 0]
    if not first:
        reader.note(
            "LK103",
            "no task is of step 0, which comes before all others",
            "a task with step 0",
            "execution_sequence",
        )
    return [_step(doc, step, i, names, first, params, reader) for i, step in enumerate(steps)]


def _step(
    doc: Config,
    step: Step,
    i: int,
    names: list[str],
    first: list[str],
    params: tuple[Param, ...],
    reader: _Reader,
) -> Job:
    at = ("execution_sequence", i)
    for k, before in enumerate(step.depends_on):
        if before not in names:
            message = f"depends_on names '{before}', which does not exist"
            reader.note(
                "LK310", message, "a task of this file", *at, "depends_on", k, value=before, among=names
            )
    if step.step == 0 and step.depends_on:
        reader.note(
            "LK103",
            f"task '{step.task_name}' is of step 0 and waits for another",
            "no depends_on",
            *at,
            "depends_on",
        )
    proc = _proc(reader, step.task_name, BATCH_MINUTES, step.description, 1, RETRIES["batch"].retries)
    proc = located(proc, reader.folder, step.sql_file, params, reader.faults, reader.noting(*at, "sql_file"))
    waits = dict.fromkeys([*(first if step.step else []), *(d for d in step.depends_on if d in names)])
    job = _job(
        doc,
        reader,
        "batch",
        step.task_name,
        step.description or doc.description,
        params,
        (proc,),
        reader.location(*at),
    )
    return replace(job, pipeline=reader.folder.name, depends_on=tuple(waits))


def _once(names: list[str], key: str, reader: _Reader) -> None:
    for i, name in enumerate(names):
        if name in names[:i]:
            reader.note(
                "LK305", f"task_name '{name}' stands twice", "each once", key, i, "task_name", value=name
            )
