"""The Lambda function `sla_checker`: looks at every job and table on a schedule, and tells each finding once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.parser.models import EventBridgeModel

from lambdas.common import aws
from lambdas.common.audit import runs_of
from lambdas.common.deliver import tell
from lambdas.common.job_catalog import Watched, load_watched
from lambdas.common.settings import read_settings
from lambdas.common.tools import Work, count, framed, logger
from lambdas.sla_checker.counts import unusual_counts
from lambdas.sla_checker.finding_message import message
from lambdas.sla_checker.findings import Finding, never_started, stale, too_long
from lambdas.sla_checker.settings import CheckerSettings
from lambdas.sla_checker.state import State, logical_dates

# Alarmed on; both are said each time, zero too.
FINDINGS, STALE = "sla_findings", "stale_tables"


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Kind of finding → how many there are."""
    return _framed()(event, context)  # type: ignore[no-any-return]


@cache
def _settings() -> CheckerSettings:
    return read_settings(CheckerSettings)


@cache
def _framed() -> Work:
    return framed(_work)


def _work(event: dict[str, Any], context: Any) -> dict[str, int]:
    settings = _settings()
    # The time for which the scheduler called: a repeated call finds the same.
    now = parse(event=event, model=EventBridgeModel).time.astimezone(UTC)
    state = read_state(settings, now)
    found = findings(settings, state)
    for finding in found:
        logger.warning(
            "%s %s",
            finding.subject,
            finding.what,
            extra={"finding": finding.kind, "job_name": finding.job.name},
        )
    kinds = [finding.kind for finding in found]
    count(settings, FINDINGS, len(found))
    count(settings, STALE, kinds.count("stale"))
    _tell_all(settings, found, now, context)
    return {kind: kinds.count(kind) for kind in kinds}


def read_state(settings: CheckerSettings, now: datetime) -> State:
    watched = load_watched(settings.watched_bucket, settings.watched_key)
    runs = runs_of(settings.audit_table, logical_dates(now, settings.history_days))
    return State(now, watched, runs, _running(watched))


def findings(settings: CheckerSettings, state: State) -> list[Finding]:
    grace = timedelta(minutes=settings.grace_minutes)
    return [
        *never_started(state, grace),
        *too_long(state, grace),
        *stale(state),
        *unusual_counts(state, settings.deviations),
    ]


def _tell_all(settings: CheckerSettings, found: list[Finding], now: datetime, context: Any) -> None:
    """Each by itself: what went wrong with one is raised after all the others have been told."""
    problems = []
    for finding in found:
        try:
            tell(settings, message(settings, finding, now.date()), finding.job, context)
        except Exception as error:
            logger.exception("%s not told", finding.subject)
            problems.append(error)
    if problems:
        raise problems[0]


def _running(watched: Watched) -> frozenset[str]:
    """The continuous jobs that Glue has a live run of; the audit cannot know of a killed one."""
    alive = {"STARTING", "RUNNING", "WAITING"}
    names = [job for job in watched.jobs.values() if job.continuous]
    return frozenset(
        job.name for job in names if any(run["JobRunState"] in alive for run in _newest(job.glue_name))
    )


def _newest(glue_name: str) -> list[Any]:
    """None of a job that is not there: it does not run either."""
    glue = aws.glue()
    try:
        return list(glue.get_job_runs(JobName=glue_name, MaxResults=5)["JobRuns"])
    except glue.exceptions.EntityNotFoundException:
        return []
