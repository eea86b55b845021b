"""The parts of a job that streaming and batch pipelines of a config.json share."""

from __future__ import annotations

from lakehouse.pipelines.config_doc import Shared
from lakehouse.pipelines.config_reader import ConfigReader
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job, Kind, Proc, Retry
from lakehouse.pipelines.params import Param
from lakehouse.project import environment_names, read_settings
from lakehouse.reading.faults import Collector

# A stream that fails is started again sooner and more often than a batch.
RETRIES: dict[Kind, Retry] = {"streaming": Retry(5, 300), "batch": Retry(2, 300)}


def config_job(
    doc: Shared,
    reader: ConfigReader,
    kind: Kind,
    name: str,
    description: str,
    params: tuple[Param, ...],
    procs: tuple[Proc, ...],
    location: str,
    job_type: JobType | None = None,
) -> Job:
    """A job with the keys that the document states once for all of its jobs."""
    streaming = kind == "streaming"
    environments = _environments(doc, reader)
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
        type=job_type or (JobType.STREAM if streaming else JobType.SQL),
        max_concurrent_runs=doc.max_concurrent_runs,
        location=location,
    )


def _owner(doc: Shared, reader: ConfigReader) -> str:
    """The one that the document names, else the project's. Notes LK102 where neither names one."""
    settings = read_settings(Collector(reader.faults.root))
    owner = doc.owner or (settings.owner if settings else None)
    if owner is None:
        reader.note("LK102", "key 'owner' is missing", "an owner here, or `owner` in lakehouse.yml")
    return owner or ""


def _environments(doc: Shared, reader: ConfigReader) -> tuple[str, ...]:
    """Those that the document names, else all of the project.

    Notes LK103 for one that lakehouse.yml does not name.
    """
    declared = environment_names(reader.faults)
    for i, name in enumerate(doc.environments or []):
        if name not in declared:
            message, expected = f"environments.{i} = {name!r}", f"one of {', '.join(declared)}"
            reader.note("LK103", message, expected, "environments", i, value=name, among=list(declared))
    return tuple(doc.environments or declared)


def config_proc(
    reader: ConfigReader, name: str, minutes: int, description: str, order: int, retries: int
) -> Proc:
    """A proc of the document, still without its file and tables."""
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
