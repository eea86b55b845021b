"""Job types ask for what `job_needs` names, no more and no less.

The stack grants what it names.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyspark.sql import SparkSession

from glue_jobs.run_context import RunContext
from glue_jobs.state.control_table import ControlTable
from lakehouse.environments import Environment
from lakehouse.environments.control import PART
from lakehouse.environments.names import Control
from lakehouse.pipelines.job_keys import OF_DAY, replay_watermark
from lakehouse.pipelines.job_needs import JobNeeds, job_needs
from lakehouse.pipelines.job_type import JobType
from tests.glue_jobs.job_types.ingest_harness import IngestHarness, row


@pytest.fixture
def harness(local_env: Environment, spark: SparkSession) -> IngestHarness:
    return IngestHarness(local_env, spark)


def keys(harness: IngestHarness, control: Control) -> set[str]:
    """The keys of a control table that belong to the harness."""
    items = ControlTable(harness.env, control).scan("")
    return {str(item["pk"]) for item in items if harness.name in str(item["pk"])}


def whole(watermarks: tuple[str, ...]) -> set[str]:
    """Without the parts of an item that was split, and without those of backfills."""
    return {key for key in watermarks if PART not in key and not key.endswith(f"{OF_DAY}*")}


def needs(run: RunContext, job_type: JobType) -> JobNeeds:
    return job_needs(replace(run.job, type=job_type), run.schemas, run.env)


def test_an_ingest_and_a_transform_use_the_keys_that_they_are_granted(harness: IngestHarness) -> None:
    bronze, silver = harness.bronze.table, harness.silver.table
    harness.drop(row(1))
    harness.ingest()
    ingest = needs(harness.context((), (bronze,)), JobType.INGEST)
    # A replay of rejected rows alone uses its key.
    replays = [replay_watermark(table) for table in (bronze, silver)]
    assert {*keys(harness, Control.WATERMARKS), replays[0]} == whole(ingest.watermarks)
    assert keys(harness, Control.LEASES) == set(ingest.leases)
    harness.build()
    transform = needs(harness.context((bronze,), (silver,)), JobType.TRANSFORM)
    granted = {*whole(ingest.watermarks), *transform.watermarks}
    assert {*keys(harness, Control.WATERMARKS), *replays} == granted
    assert keys(harness, Control.LEASES) == {*ingest.leases, *transform.leases}
