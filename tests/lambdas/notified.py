"""Sends recorded events to sla_notifier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lakehouse.environments import names
from lambdas.sla_notifier.handler import handler
from tests.lambdas.lambda_events import YESTERDAY, Context, event
from tests.lambdas.platform_world import World

# A job of retail/job.csv with an e-mail address and three retries, and one with a channel and two.
BY_MAIL, BY_SLACK = "snowflake_to_bronze", "silver_to_gold"


def notify(world: World, kind: str, job: str, run_id: str, **detail: str) -> dict[str, str]:
    """What sla_notifier does with a recorded event of this kind: channel → `sent` or `queued`."""
    glue_name = names.glue_job(world.env, job)
    results: dict[str, str] = handler(event(kind, jobName=glue_name, jobRunId=run_id, **detail), Context())
    return results


def exhaust(world: World, job: str, retries: int, state: str = "FAILED", **run: Any) -> str:
    """Lets the job fail as often as its row allows. Returns the id of the last run."""
    world.make_job(job)
    began = datetime.now(UTC) - timedelta(hours=1)
    ids = [
        world.run(job, state, run_date=YESTERDAY, at=began + timedelta(minutes=n), **run)
        for n in range(retries + 1)
    ]
    return ids[-1]
