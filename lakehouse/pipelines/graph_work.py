"""What a job of pipeline.yml runs: its files and tables, as procs."""

from __future__ import annotations

from dataclasses import replace

from lakehouse.pipelines.config_reader import ConfigReader
from lakehouse.pipelines.graph_doc import GraphJob
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Proc
from lakehouse.pipelines.params import Param
from lakehouse.pipelines.sql_file import located


def procs_of(
    of: GraphJob,
    job_type: JobType,
    proc: Proc,
    params: tuple[Param, ...],
    at: tuple[str, str],
    reader: ConfigReader,
) -> tuple[Proc, ...]:
    """The procs of a job, with their files and tables; a stream has one for each table or SQL file."""
    if of.stream is not None:
        return tuple(
            _stream(item, i, replace(proc, order=i + 1), params, at, reader)
            for i, item in enumerate(of.stream)
        )
    if of.sql is not None:
        return (located(proc, reader.folder, of.sql, params, reader.faults, reader.noting(*at, "sql")),)
    if of.python is not None:
        return (_python(of, proc, at, reader),)
    if of.ingest is not None:
        return (replace(proc, path=JobType.INGEST, writes=tuple(of.ingest)),)
    return (replace(proc, path=job_type, reads=tuple(of.gate or of.catalog or of.publish or ())),)


def _stream(
    item: str, i: int, proc: Proc, params: tuple[Param, ...], at: tuple[str, str], reader: ConfigReader
) -> Proc:
    """A task is named by its file, or by its table."""
    name = item.rpartition("/")[2].removesuffix(".sql").rpartition(".")[2]
    proc = replace(proc, proc_id=name, name=name)
    if item.endswith(".sql"):
        return located(proc, reader.folder, item, params, reader.faults, reader.noting(*at, "stream", i))
    return replace(proc, path=item, writes=(item,))


def _python(of: GraphJob, proc: Proc, at: tuple[str, str], reader: ConfigReader) -> Proc:
    path, folder = str(of.python), reader.folder
    file = folder / path
    proc = replace(proc, path=path, reads=tuple(of.reads), writes=tuple(of.writes))
    if not file.resolve().is_relative_to(folder.resolve()):
        expected = "a path inside it"
        reader.note("LK309", f"'{path}' leaves the pipeline's folder", expected, *at, "python", value=path)
    elif not file.is_file():
        beside = [p.name for p in file.parent.glob("*.py")] if file.parent.is_dir() else []
        expected = "a Python file of the pipeline"
        reader.note("LK308", f"'{path}' does not exist", expected, *at, "python", value=path, among=beside)
        # The DAG folder holds no code: there the job is as it would be with its file.
    return replace(proc, file=reader.faults.relative(file))
