"""Runs of one table that are killed between the commit of the table and that of its watermark."""

from __future__ import annotations

import types
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from pyspark.sql import SparkSession

from glue_jobs.job_types.ingest import Ingest
from glue_jobs.job_types.transform import Transform
from glue_jobs.run_context import RunContext
from glue_jobs.state.watermark import OpenWatermark
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from tests.glue_jobs.run_harness import RUN_DATE, job, run_context, schemas


class KilledError(Exception):
    """Stands for the end of the process."""


@contextmanager
def killed_before_the_watermark_moves() -> Iterator[None]:
    """Whatever runs in the block writes its tables, and ends before it moves a watermark."""

    def die(self: OpenWatermark) -> None:
        raise KilledError

    with patch.object(OpenWatermark, "commit", die):
        try:
            yield
        except KilledError:
            return
        raise AssertionError("the run was to be killed")


def ingest(env: Environment, spark: SparkSession, of: Contract, day: date = RUN_DATE) -> RunContext:
    """One run of an ingest of one table."""
    run = run_context(env, job(writes=(of.table,)), schemas(of), spark, run_date=day)
    Ingest().execute(run)
    return run


def build(
    env: Environment,
    spark: SparkSession,
    source: str,
    of: Contract,
    *inputs: Contract,
    day: date = RUN_DATE,
    full_refresh: bool = False,
    force: frozenset[str] = frozenset(),
) -> RunContext:
    """One run of a transform of one table; `source` is the text of its module."""
    module = types.ModuleType("builds")
    exec(source, module.__dict__)
    of_job = job(reads=tuple(c.table for c in inputs), writes=(of.table,))
    known = schemas(of, *inputs)
    run = run_context(env, of_job, known, spark, run_date=day, full_refresh=full_refresh, force=force)
    Transform(module).execute(run)
    return run
