"""Positions of readers while a person's rows are erased: they have read everything, and go on from there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from cli.personal_data.delta_rows import changes_since
from cli.personal_data.files import Rewritten
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.sources import landing_position
from glue_jobs.state.watermark import Watermarks
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_keys import ingest_watermark, publish_key, table_watermark
from lakehouse.pipelines.job_type import JobType

_BUILDS = (JobType.TRANSFORM, JobType.SQL)
_DAY = re.compile(r"dt=(\d{4}-\d{2}-\d{2})/")
Json = Any


def readers(jobs: list[Job], table: str) -> Iterator[tuple[str, bool]]:
    """(watermark, whether its position is that of several inputs) of each job that follows the table."""
    for job in jobs:
        if table in job.reads and job.type in _BUILDS:
            yield from ((table_watermark(job, written), True) for written in job.writes)
        elif table in job.reads and job.type is JobType.PUBLISH:
            yield publish_key(job.warehouse, table), False


def check_readers(env: Environment, jobs: list[Job], table: str) -> None:
    """Raises RunError (RUN529) for a reader that has rows of the table to read still."""
    for key, position in _positions(env, jobs, table):
        version = int(position["version"] if isinstance(position, dict) else position)
        if changes_since(clients(env).s3, names.table_uri(env, table), version):
            raise RunError(
                f"{key} has not read {table} to its end, and could not once old versions are gone; "
                f"run the job {key.partition('.')[0]} first",
                code="RUN529",
            )


def move_readers(env: Environment, jobs: list[Job], table: str, version: int) -> None:
    """Moves each reader to `version`: between the two nothing came but the erasure."""
    for key, several in readers(jobs, table):
        whole = Watermarks(env).read(key).position
        if whole is None or (several and table not in whole):
            continue
        old = whole[table] if several else whole
        moved = {**old, "version": version} if isinstance(old, dict) else version
        Watermarks(env).reset(key, {**whole, table: moved} if several else moved)


def _positions(env: Environment, jobs: list[Job], table: str) -> Iterator[tuple[str, Json]]:
    for key, several in readers(jobs, table):
        state = Watermarks(env).read(key)
        _refuse_pending(key, state.pending)
        position = state.position
        if several:
            position = position.get(table) if isinstance(position, Mapping) else None
        if position is not None:
            yield key, position


def _refuse_pending(key: str, pending: Json) -> None:
    if pending is not None:
        raise RunError(
            f"{key} has a batch of a killed run to finish; run the job {key.partition('.')[0]} first",
            code="RUN529",
        )


def check_landing(env: Environment, contract: Contract) -> None:
    """Raises RunError (RUN529) while a batch of landing files is not done."""
    key = ingest_watermark(contract)
    _refuse_pending(key, Watermarks(env).read(key).pending)


def note_rewritten(env: Environment, contract: Contract, file: Rewritten) -> None:
    """Says of a rewritten file that it is read, if it was: no ingest takes it for a new one."""
    key = ingest_watermark(contract)
    position = landing_position.parse(Watermarks(env).read(key).position)
    if position is None or not position.has_read(_landing_file(file, file.before)):
        return
    recent = position.recent | {_landing_file(file, file.after).fingerprint}
    Watermarks(env).reset(key, replace(position, recent=recent).as_json())


def _landing_file(file: Rewritten, etag: str) -> landing_position.LandingFile:
    folder = _DAY.search(file.key)
    day = date.fromisoformat(folder[1]) if folder else date.min
    return landing_position.LandingFile(file.key, day, file.modified, etag, 0)
