"""The Lambda function `sla_checker`: checks all jobs and tables on a schedule. Sends a finding once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.parser.models import EventBridgeModel
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.common import aws
from lambdas.common.audit import runs_of
from lambdas.common.deliver import deliver
from lambdas.common.job_catalog import JobCatalog, load_job_catalog
from lambdas.common.settings import read_settings
from lambdas.common.tools import Handler, count, instrumented, logger
from lambdas.sla_checker.counts import unusual_counts
from lambdas.sla_checker.finding_message import message
from lambdas.sla_checker.findings import Finding, never_started, stale, too_long
from lambdas.sla_checker.settings import CheckerSettings
from lambdas.sla_checker.state import State, logical_dates

# Metrics for alarms. Each check emits both, also when they are zero.
FINDINGS, STALE = "sla_findings", "stale_tables"
ACTIVE = frozenset({"STARTING", "RUNNING", "WAITING"})


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Kind of finding → number of findings."""
    return _instrumented()(event, context)  # type: ignore[no-any-return]


@cache
def _settings() -> CheckerSettings:
    return read_settings(CheckerSettings)


@cache
def _instrumented() -> Handler:
    return instrumented(_handle)


def _handle(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    settings = _settings()
    # The event's own time, so that a repeated event finds the same.
    now = parse(event=event, model=EventBridgeModel).time.astimezone(UTC)
    findings = check(settings, read_state(settings, now))
    for finding in findings:
        fields = {"finding": finding.kind, "job_name": finding.job.name}
        logger.warning("%s %s", finding.subject, finding.text, extra=fields)
    kinds = [finding.kind for finding in findings]
    count(settings, FINDINGS, len(findings))
    count(settings, STALE, kinds.count("stale"))
    _deliver_all(settings, findings, now, context)
    return {kind: kinds.count(kind) for kind in kinds}


def read_state(settings: CheckerSettings, now: datetime) -> State:
    """The job catalog, the audit's runs of the last days, and the continuous jobs that run."""
    catalog = load_job_catalog(settings.job_catalog_bucket, settings.job_catalog_key)
    runs = runs_of(settings.audit_table, logical_dates(now, settings.history_days))
    return State(now, catalog, runs, _running(catalog))


def check(settings: CheckerSettings, state: State) -> list[Finding]:
    """Every finding of every check."""
    grace = timedelta(minutes=settings.grace_minutes)
    return [
        *never_started(state, grace),
        *too_long(state, grace),
        *stale(state),
        *unusual_counts(state, settings.deviations),
    ]


def _deliver_all(
    settings: CheckerSettings, findings: list[Finding], now: datetime, context: LambdaContext
) -> None:
    """Delivers every finding. Raises the first error after it has tried all of them."""
    errors = []
    for finding in findings:
        try:
            deliver(settings, message(settings, finding, now.date()), finding.job, context)
        except Exception as error:
            logger.exception("%s not delivered", finding.subject)
            errors.append(error)
    if errors:
        raise errors[0]


def _running(catalog: JobCatalog) -> frozenset[str]:
    """The continuous jobs with an active Glue run. In the audit a killed run stays RUNNING."""
    jobs = [job for job in catalog.jobs.values() if job.continuous]
    return frozenset(job.name for job in jobs if not ACTIVE.isdisjoint(_newest_states(job.glue_name)))


def _newest_states(glue_name: str) -> list[str]:
    """The states of the job's newest runs; empty when the job does not exist."""
    glue = aws.glue()
    try:
        runs = glue.get_job_runs(JobName=glue_name, MaxResults=5)["JobRuns"]
    except glue.exceptions.EntityNotFoundException:
        return []
    return [run["JobRunState"] for run in runs]
