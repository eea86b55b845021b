"""The files of the landing zone beside how far their ingests have read."""

from __future__ import annotations

from datetime import date
from typing import Any

from cli.landing.sources import landing_source, landing_sources
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri
from glue_jobs.sources import landing_position
from glue_jobs.sources.landing_files import landing_files
from glue_jobs.sources.landing_position import LandingFile
from glue_jobs.state.watermark import Watermarks
from lakehouse.contracts import SourcedContract
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_keys import ingest_watermark

READ, PENDING, WAITING = "read", "pending", "waiting"


def listed(env: Environment, source: str | None, day: date | None, limit: int) -> list[list[Any]]:
    """Source, day, name, bytes, time of the upload and state of each file, the newest days first."""
    chosen = [landing_source(env, source)] if source else list(landing_sources(env).values())
    return [row for _, contract in chosen for row in _files(env, contract, day, limit)]


def _files(env: Environment, contract: SourcedContract, day: date | None, limit: int) -> list[list[Any]]:
    prefix = S3Uri(names.bucket(env, names.Zone.LANDING), contract.source.object).folder
    files = landing_files(clients(env).s3, prefix, contract.table)
    newest = sorted((f for f in files if day in (None, f.day)), key=lambda f: (f.day, f.key), reverse=True)
    watermark = Watermarks(env).read(ingest_watermark(contract))
    ends = landing_position.parse(watermark.position), landing_position.parse(watermark.pending)

    def state(file: LandingFile) -> str:
        if ends[0] is not None and ends[0].has_read(file):
            return READ
        return PENDING if ends[1] is not None and ends[1].has_read(file) else WAITING

    return [
        [
            contract.source.object,
            "" if file.day == date.min else file.day.isoformat(),
            file.key.removeprefix(prefix.key),
            file.size,
            f"{file.modified:%Y-%m-%dT%H:%M:%S}",
            state(file),
        ]
        for file in newest[:limit]
    ]
