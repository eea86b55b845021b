"""pipeline.yml as jobs: ingests, SQL, Python, gates, publishes and streams in one graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lakehouse.pipelines import cells
from lakehouse.pipelines.config import check_cell
from lakehouse.pipelines.config_job import config_job, config_proc
from lakehouse.pipelines.config_params import params_of, secret_param
from lakehouse.pipelines.config_reader import ConfigReader
from lakehouse.pipelines.graph import after_gates
from lakehouse.pipelines.graph_doc import WORK, GraphDoc, GraphJob
from lakehouse.pipelines.graph_work import procs_of
from lakehouse.pipelines.job_type import WAREHOUSE, JobType
from lakehouse.pipelines.model import Job, Kind, Pipeline, Retry
from lakehouse.pipelines.params import Param
from lakehouse.pipelines.schedule_cell import schedule
from lakehouse.reading.check import check_readable
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located

TYPES = {
    "ingest": JobType.INGEST,
    "sql": JobType.SQL,
    "python": JobType.TRANSFORM,
    "gate": JobType.GATE,
    "register": JobType.REGISTER,
    "publish": JobType.PUBLISH,
    "stream": JobType.STREAM,
}
BACKOFF_SECONDS = 300


def read_graph_file(folder: Path, located: Located, faults: Collector) -> Pipeline:
    """The pipeline of a folder, with every fault noted; without jobs when its pipeline.yml cannot be read."""
    doc, _ = check_readable(GraphDoc, located, faults)
    if doc is None:
        return Pipeline(folder.name, (), "graph")
    reader = ConfigReader(folder, located, faults)
    check_cell(reader, "notification_email", doc.notification_email, cells.notification)
    check_cell(reader, "schedule", doc.schedule, schedule)
    check_cell(reader, "", folder.name, cells.name)
    jobs = [job for name, of in doc.jobs.items() if (job := _job(doc, name, of, reader))]
    title = doc.title or ""
    linked, product = tuple(_linked(jobs)), doc.product or ""
    return Pipeline(folder.name, linked, "graph", title, doc.description, product, doc.fuse)


def _job(doc: GraphDoc, name: str, of: GraphJob, reader: ConfigReader) -> Job | None:
    at = ("jobs", name)
    kinds = [key for key in WORK if getattr(of, "catalog" if key == "register" else key) is not None]
    if len(kinds) != 1:
        message = f"job '{name}' has {' and '.join(kinds) or 'nothing to do'}"
        reader.note("LK103", message, f"one of {', '.join(WORK)}", *at)
        return None
    job_type = TYPES[kinds[0]]
    _check_words(name, of, job_type, reader)
    params = _params(doc, of, job_type, reader, name)
    streams = job_type is JobType.STREAM
    proc = config_proc(reader, name, 0 if streams else of.timeout_minutes, of.description, 1, of.retries)
    procs = procs_of(of, job_type, proc, params, at, reader)
    for k, before in enumerate(of.after):
        if before not in doc.jobs or before == name:
            message = f"after names '{before}', which is no other job of this file"
            among = [other for other in doc.jobs if other != name]
            reader.note(
                "LK310", message, "another job of this file", *at, "after", k, value=before, among=among
            )
    kind: Kind = "streaming" if streams else "batch"
    description = of.description or doc.description
    job = config_job(doc, reader, kind, name, description, params, procs, reader.location(*at), job_type)
    return replace(
        job,
        pipeline=reader.folder.name,
        schedule=job.schedule if streams else of.schedule or doc.schedule,
        retry=Retry(of.retries, BACKOFF_SECONDS),
        depends_on=tuple(dict.fromkeys(before for before in of.after if before in doc.jobs)),
        warehouse=of.warehouse or "" if job_type is JobType.PUBLISH else "",
    )


def _params(
    doc: GraphDoc, of: GraphJob, job_type: JobType, reader: ConfigReader, name: str
) -> tuple[Param, ...]:
    """The parameters of the file and of the job; those of topic and Lakebase are of streams alone."""
    streams = job_type is JobType.STREAM
    systems = {} if streams else {"kafka_source": None, "postgres_connection": None}
    again = {key: value for key, value in doc.parameters.items() if key not in of.parameters}
    shared = params_of(doc.model_copy(update={**systems, "parameters": again}), reader.note)
    of_job = doc.model_copy(
        update={"kafka_source": None, "postgres_connection": None, "parameters": of.parameters}
    )

    def note(code: str, message: str, wanted: str, *loc: str, value: str = "") -> None:
        reader.note(code, message, wanted, "jobs", name, *loc, value=value)

    params = [*shared, *params_of(of_job, note)]
    if of.connection:
        params.append(secret_param("connection", of.connection))
    if of.warehouse:
        params.append(Param(WAREHOUSE, of.warehouse, "string", False))
    return tuple(params)


def _check_words(name: str, of: GraphJob, job_type: JobType, reader: ConfigReader) -> None:
    """Notes keys that do not belong to what the job does, and those that it lacks."""
    at = ("jobs", name)
    for key, types in (
        ("reads", (JobType.TRANSFORM,)),
        ("writes", (JobType.TRANSFORM,)),
        ("warehouse", (JobType.PUBLISH,)),
        ("connection", (JobType.INGEST, JobType.PUBLISH)),
    ):
        if getattr(of, key) and job_type not in types:
            message = f"job '{name}' has {key}, and is {job_type}"
            reader.note("LK103", message, f"{key} beside {' or '.join(types)}", *at, key)
    if job_type is JobType.TRANSFORM and not of.writes:
        reader.note("LK102", f"job '{name}' has no writes", "the tables that its functions make", *at)
    if job_type is JobType.PUBLISH and not of.warehouse:
        reader.note(
            "LK318", f"job '{name}' publishes to no warehouse", "warehouse: redshift or snowflake", *at
        )
    if of.schedule is not None:
        check_cell(reader, f"jobs.{name}.schedule", of.schedule, schedule)


def _linked(jobs: list[Job]) -> list[Job]:
    """Each job after those of the file that write the tables that it reads, and the gates that judge them."""
    links: dict[str, Job] = {}
    for job in jobs:
        writers = [j.name for j in jobs if j.name != job.name and {*job.reads} & {*j.writes}]
        links[job.name] = replace(job, depends_on=tuple(dict.fromkeys([*job.depends_on, *writers])))
    return list(after_gates(links, repeated=True).values())
