"""A batch config.json as a job per step."""

from __future__ import annotations

from dataclasses import replace

from lakehouse.pipelines.config_doc import Config, Step
from lakehouse.pipelines.config_job import RETRIES, config_job, config_proc
from lakehouse.pipelines.config_params import params_of, secret_param
from lakehouse.pipelines.config_reader import ConfigReader, note_duplicates
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job, Proc
from lakehouse.pipelines.params import Param
from lakehouse.pipelines.sql_file import located

BATCH_MINUTES = 180


def batch_jobs(doc: Config, reader: ConfigReader) -> list[Job]:
    """A job for each step of a batch pipeline. Those of step 0 come before all others."""
    steps, params = doc.execution_sequence or [], params_of(doc, reader.note)
    names = [s.task_name for s in steps]
    note_duplicates(names, "execution_sequence", reader)
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
    reader: ConfigReader,
) -> Job:
    at = ("execution_sequence", i)
    _check_order(step, at, names, reader)
    # Glue counts whole minutes: the next one.
    minutes = -(-doc.timeout_seconds // 60) if doc.timeout_seconds else BATCH_MINUTES
    proc = config_proc(reader, step.task_name, minutes, step.description, 1, RETRIES["batch"].retries)
    proc, job_type, own_params = _work(proc, step, params, at, reader)
    waits = dict.fromkeys([*(first if step.step else []), *(d for d in step.depends_on if d in names)])
    job = config_job(
        doc,
        reader,
        "batch",
        step.task_name,
        step.description or doc.description,
        (*params, *own_params),
        (proc,),
        reader.location(*at),
        job_type,
    )
    return replace(
        job,
        pipeline=reader.folder.name,
        depends_on=tuple(waits),
        keeps_timeout=doc.timeout_seconds is not None,
    )


def _check_order(step: Step, at: tuple[str, int], names: list[str], reader: ConfigReader) -> None:
    """Notes a task that waits for one that does not exist, and one of step 0 that waits at all."""
    for k, before in enumerate(step.depends_on):
        if before not in names:
            message = f"depends_on names '{before}', which does not exist"
            reader.note(
                "LK310", message, "a task of this file", *at, "depends_on", k, value=before, among=names
            )
    if step.step == 0 and step.depends_on:
        message = f"task '{step.task_name}' is of step 0 and waits for another"
        reader.note("LK103", message, "no depends_on", *at, "depends_on")


def _work(
    proc: Proc, step: Step, params: tuple[Param, ...], at: tuple[str, int], reader: ConfigReader
) -> tuple[Proc, JobType, tuple[Param, ...]]:
    """What a step does: its proc with the tables, its type, and the parameters of its own."""
    kinds = [key for key in ("sql_file", "ingest", "gate") if getattr(step, key) is not None]
    if len(kinds) != 1:
        message = f"task '{step.task_name}' has {' and '.join(kinds) or 'nothing to do'}"
        reader.note("LK103", message, "one of sql_file, ingest and gate", *at)
        return proc, JobType.SQL, ()
    if step.connection and not step.ingest:
        message = f"task '{step.task_name}' names a connection and is no ingest"
        reader.note("LK103", message, "connection beside ingest", *at, "connection")
    if step.sql_file:
        note = reader.noting(*at, "sql_file")
        return located(proc, reader.folder, step.sql_file, params, reader.faults, note), JobType.SQL, ()
    if step.ingest:
        connection = (secret_param("connection", step.connection),) if step.connection else ()
        return replace(proc, path=JobType.INGEST, writes=tuple(step.ingest)), JobType.INGEST, connection
    return replace(proc, path=JobType.GATE, reads=tuple(step.gate or ())), JobType.GATE, ()
