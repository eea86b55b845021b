"""Adds the data of Glue and the audit to an event. A failed query never stops the message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from lambdas.common.audit import Run, runs_of
from lambdas.common.job_catalog import Job
from lambdas.common.tools import logger
from lambdas.sla_notifier.attempts import GlueRun, glue_runs
from lambdas.sla_notifier.events import STATE_CHANGE, GlueEvent
from lambdas.sla_notifier.notification import Notification
from lambdas.sla_notifier.settings import NotifierSettings

Answer = TypeVar("Answer")
# Glue's clock and the job's clock may differ by this.
CLOCK_SKEW = timedelta(seconds=5)


def enrich(settings: NotifierSettings, event: GlueEvent, job: Job) -> Notification:
    """The event with the job's runs and, for a change of state, the audit's row of the run."""
    runs: list[GlueRun] = _answer_or(lambda: glue_runs(event.detail.job_name), [])
    run = next((run for run in runs if run.run_id == event.detail.run_id), None)
    audit_run = None
    if run and event.detail_type == STATE_CHANGE:
        audit_run = _answer_or(lambda: _audit_run(settings, job, run), None)
    return Notification(event, job, runs, run, audit_run)


def _audit_run(settings: NotifierSettings, job: Job, glue_run: GlueRun) -> Run | None:
    """The audit's first run of the job and logical date that started after the Glue run."""
    earliest = glue_run.started_at - CLOCK_SKEW
    runs = runs_of(settings.audit_table, [glue_run.run_date], job.name)
    started = [run for run in runs if run.started_at >= earliest]
    return min(started, key=lambda run: run.started_at, default=None)


def _answer_or(query: Callable[[], Answer], default: Answer) -> Answer:
    try:
        return query()
    except Exception as error:  # whatever AWS answers, the message is sent
        logger.warning("query failed: %s", error)
        return default
