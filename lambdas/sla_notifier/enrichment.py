"""What is asked about a run beyond its event. An answer that does not come makes a message poorer, never silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from lambdas.common.audit import Run, runs_of
from lambdas.common.job_catalog import Job
from lambdas.common.tools import logger
from lambdas.sla_notifier.attempts import GlueRun, glue_runs
from lambdas.sla_notifier.events import STATE_CHANGE, GlueEvent
from lambdas.sla_notifier.notification import News
from lambdas.sla_notifier.settings import NotifierSettings

Answer = TypeVar("Answer")
# A run writes to the audit after Glue has started it; two clocks may differ by this.
SKEW = timedelta(seconds=5)


def ask(settings: NotifierSettings, event: GlueEvent, job: Job) -> News:
    runs: list[GlueRun] = _or(lambda: glue_runs(event.detail.job_name), [])
    this = next((run for run in runs if run.run_id == event.detail.run_id), None)
    audited = (
        _or(lambda: _audited(settings, job, this), None)
        if this and event.detail_type == STATE_CHANGE
        else None
    )
    return News(event, job, runs, this, audited)


def _audited(settings: NotifierSettings, job: Job, this: GlueRun) -> Run | None:
    """The audit's row of this Glue run: the first of its job and logical date that began after it did."""
    found = [
        run
        for run in runs_of(settings.audit_table, [this.run_date], job.name)
        if run.started_at >= this.started_at - SKEW
    ]
    return min(found, key=lambda run: run.started_at, default=None)


def _or(question: Callable[[], Answer], without: Answer) -> Answer:
    try:
        return question()
    except Exception as error:  # AWS refused, or is not there: people are told all the same
        logger.warning("not answered: %s", error)
        return without
