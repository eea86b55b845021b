"""Which tables a job keeps in shape: its parameter `maintains`, a list of tables or `all`."""

from __future__ import annotations

from lakehouse.contracts.reader import Schemas
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.params import ALL


def maintained(job: Job, schemas: Schemas) -> tuple[str, ...]:
    """`all` is every table of the lake with a contract; those of the Lakebase PostgreSQL maintains itself."""
    return tuple(schemas.on_lake) if job.maintains == (ALL,) else job.maintains
