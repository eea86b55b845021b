"""Runs in the audit, and what sla_checker finds in them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit, Counts, RunRow
from lakehouse.pipelines.graph import ancestors
from lambdas.sla_checker.handler import handler
from tests.lambdas.lambda_events import Context, at
from tests.lambdas.platform_world import World

TODAY = datetime.now(UTC).date()


# Tomorrow noon: what was due at night is for today's logical date.
NOON = datetime.combine(TODAY + timedelta(days=1), time(12), UTC)


ORDERS = "bronze.snowflake_orders"


JOB = "snowflake_to_bronze"


GOLD = ("gold.fact_sales", "gold.fact_orders", "gold.fact_behavior")


def ran(
    world: World,
    job: str,
    day: date,
    tables: Mapping[str, Counts] | None = None,
    *,
    seconds: float = 60,
    end: str = "finish",
) -> str:
    """Writes a run into the audit as the jobs' own code does. Returns its id."""
    audit, run_id = Audit(world.env), str(uuid.uuid4())
    audit.start(RunRow(run_id, job, "retail", day))
    if end == "finish":
        audit.finish(run_id, tables=tables or {}, seconds=seconds, cost_estimate_usd=0.01)
    elif end == "fail":
        audit.fail(run_id, RunError("no"), seconds=seconds)
    return run_id


def good_day(world: World, day: date, *, without: str = "") -> None:
    """Lets every job succeed, or run on, except `without` and the jobs that depend on it."""
    by_name = {job.name: job for job in world.facts.jobs}
    for job in world.facts.jobs:
        if job.continuous:
            world.make_job(job.name)
            world.run(job.name, "RUNNING")
        elif without not in {job.name, *ancestors(job, by_name)}:
            ran(world, job.name, day, {table: Counts(100, 100) for table in job.writes})


def check(world: World, now: datetime = NOON) -> dict[str, int]:
    """Kind of finding → number of findings."""
    findings: dict[str, int] = handler(at(now), Context())
    return findings


def only(world: World, *jobs: str, fresh: bool = False) -> None:
    """Reduces the job catalog to these jobs. `fresh`: keeps the freshness rules."""

    def change(document: dict[str, Any]) -> None:
        document["jobs"] = [row for row in document["jobs"] if row["name"] in jobs]
        if not fresh:
            document["fresh"] = {}

    world.write_job_catalog(change)
