"""A pipeline of two tables, small enough that a test can see through it: files land, bronze takes them,
silver keeps the newest.
"""

from __future__ import annotations

import json
import types
import uuid
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.aws import clients
from glue_jobs.job_types.ingest import Ingest
from glue_jobs.job_types.transform import Transform
from glue_jobs.observability.secrets import Secrets
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Counts
from lakehouse.contracts import Contract, Schemas
from lakehouse.environments import Environment, names
from lakehouse.pipelines import Job
from lakehouse.pipelines.backfill import BackfillWindow
from lakehouse.pipelines.model import Retry
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract

DAY = date(2017, 1, 31)
COLUMNS: dict[str, Any] = {
    "id": {"type": "integer", "minimum": 1},
    "value": {"type": ["string", "null"], "maxLength": 20_000_000},
    "changed_at": {"type": "string", "format": "date-time"},
}


@dataclass
class IngestHarness:
    """Tables, files and watermarks of its own in a world that others use too."""

    env: Environment
    spark: SparkSession
    name: str = field(default_factory=lambda: f"toy_{uuid.uuid4().hex[:8]}")

    @property
    def bronze(self) -> Contract:
        source = {"kind": "landing", "object": self.name, "format": "json_lines", "system": "toy"}
        return contract(
            f"bronze.{self.name}",
            COLUMNS,
            write="append",
            watermark_state_key=f"{self.name}.files",
            source=source,
        )

    @property
    def silver(self) -> Contract:
        return contract(f"silver.{self.name}", COLUMNS, incremental_from=[f"bronze.{self.name}"])

    def drop(self, *rows: dict[str, Any] | str, file: str = "part-0.jsonl", day: date = DAY) -> None:
        """Puts a file of JSON lines into the landing zone; a string is a line as it is."""
        body = "\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows)
        self.put(body.encode(), file, day)

    def put(self, body: bytes, file: str, day: date = DAY) -> None:
        key = f"{self.name}/dt={day}/{file}"
        clients(self.env).s3.put_object(Bucket=names.bucket(self.env, names.Zone.LANDING), Key=key, Body=body)

    def context(
        self,
        reads: tuple[str, ...],
        writes: tuple[str, ...],
        env: Environment | None = None,
        day: date = DAY,
        window: BackfillWindow | None = None,
    ) -> RunContext:
        import logging

        job = Job(
            "T1",
            self.name,
            "toy",
            "batch",
            "0 1 * * *",
            "tests",
            ("local",),
            "",
            Retry(0, 0),
            "#x",
            (),
            (),
            (),
            reads,
            writes,
        )
        schemas = Schemas({c.table: c for c in (self.bronze, self.silver)}, {})
        world = env or self.env
        run_id = str(uuid.uuid4())
        return RunContext(
            world,
            job,
            schemas,
            day,
            run_id,
            "trace",
            self.spark,
            {},
            Secrets(world),
            clients(world),
            logging.getLogger("toy"),
            window=window,
        )

    def ingest(
        self, env: Environment | None = None, day: date = DAY, window: BackfillWindow | None = None
    ) -> Counts:
        return self.ingest_run(env, day, window).counts[self.bronze.table]

    def ingest_run(
        self, env: Environment | None = None, day: date = DAY, window: BackfillWindow | None = None
    ) -> RunContext:
        run = self.context((), (self.bronze.table,), env, day, window)
        Ingest().execute(run)
        if run.problems:
            raise run.problems[0]
        return run

    def build(self, env: Environment | None = None) -> Counts:
        def newest(**frames: DataFrame) -> DataFrame:
            return next(iter(frames.values()))

        run = self.context((self.bronze.table,), (self.silver.table,), env)
        module = types.ModuleType("toy")
        # The parameter's name is the table's, as in a job module.
        source = f"def {self.name}(*, bronze_{self.name}): return bronze_{self.name}"
        exec(source, module.__dict__)
        Transform(module).execute(run)
        return run.counts[self.silver.table]

    def rows(self, layer: str) -> list[tuple[int, str]]:
        uri = names.table_uri(self.env, f"{layer}.{self.name}")
        return sorted((key, value) for key, value in delta_rs.rows(self.env, uri, "id", "value"))

    def impatient(self) -> Environment:
        return self.env.model_copy(update={"lease_wait_seconds": 0})


def row(key: int | None, value: str | None = "v", minute: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": key, "value": value, "changed_at": f"2017-01-31T10:{minute:02d}:00Z", **more}


__all__ = ["DAY", "IngestHarness", "replace", "row"]
